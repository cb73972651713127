// Starts GraphiQL on this server's API, as the person who is signed in.
(() => {
  // Where GraphiQL's dialogs look for the nonce of the style sheet they add (package get-nonce).
  window.__webpack_nonce__ = document.currentScript.nonce;

  const welcome = `# Run it: the play button, or Ctrl-Enter.
# All types and fields: the book, top left.

query Deals {
  deals(first: 10) {
    nodes {
      name
      amount { amount currency }
      stage { name probability }
      customer { displayName lifecycleStage }
    }
    totalCount
  }
}
`;

  async function ask(operation) {
    const answer = await fetch("/graphql", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/graphql-response+json, application/json" },
      body: JSON.stringify(operation),
    });
    if (answer.status === 401) {
      window.location.assign("/sign-in?next=/graphiql");
    }
    return answer.json();
  }

  const explorer = React.createElement(GraphiQL, {
    fetcher: ask,
    defaultQuery: welcome,
    defaultEditorToolsVisibility: true,
    isHeadersEditorEnabled: false,
    shouldPersistHeaders: false,
  });
  ReactDOM.createRoot(document.getElementById("explorer")).render(explorer);
})();
