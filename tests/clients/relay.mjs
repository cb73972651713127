// Relay's runtime over compiled artifacts, which name persisted documents instead of bringing texts.
import assert from "node:assert/strict";
import relay from "relay-runtime";

const { Environment, Network, RecordSource, Store, commitMutation, createOperationDescriptor, fetchQuery, getSelector } = relay;
const load = async (name) => (await import(`./relay/generated/${name}.graphql.js`)).default;

const fetchFunction = async ({ id, text }, variables) => {
  const answer = await fetch(process.env.CRM_API, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${process.env.CRM_TOKEN}` },
    body: JSON.stringify(id ? { documentId: id, variables } : { query: text, variables }),
  });
  return answer.json();
};
const environment = new Environment({ network: Network.create(fetchFunction), store: new Store(new RecordSource()) });

const first = await fetch(process.env.CRM_API, {
  method: "POST",
  headers: { "content-type": "application/json", authorization: `Bearer ${process.env.CRM_TOKEN}` },
  body: JSON.stringify({ documentId: (await load("customersListPageQuery")).params.id, variables: { first: 1 } }),
});
const { id } = (await first.json()).data.customers.edges[0].node;

const query = await load("customersQuery");
assert.ok(query.params.id && !query.params.text);
const answer = await fetchQuery(environment, query, { first: 3, id }).toPromise();
assert.ok(answer.node);

const operation = createOperationDescriptor(query, { first: 3, id });
const { data } = environment.lookup(operation.fragment);
const list = environment.lookup(getSelector(await load("customersList"), data)).data;
assert.equal(list.customers.edges.length, 3);
const details = await load("customersDetails");
const shown = (node) => environment.lookup(getSelector(details, node)).data;
assert.equal(shown(data.node.details).id, id);

await new Promise((resolve, reject) => {
  load("customersRenameMutation").then((mutation) =>
    commitMutation(environment, { mutation, variables: { id, name: "Renamed" }, onCompleted: resolve, onError: reject }),
  );
});
assert.equal(shown(data.node.details).displayName, "Renamed");
