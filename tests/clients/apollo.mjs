// Apollo Client: normalised cache, pages, mutations, errors, GET, automatic persisted queries.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { ApolloClient, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { relayStylePagination } from "@apollo/client/utilities";

const headers = { authorization: `Bearer ${process.env.CRM_TOKEN}` };
const sent = [];
const link = new HttpLink({
  uri: process.env.CRM_API,
  headers,
  fetch: (url, options) => {
    sent.push({ method: options.method, url, body: options.body ?? "" });
    return fetch(url, options);
  },
});
const cache = () =>
  new InMemoryCache({
    typePolicies: { Query: { fields: { customers: relayStylePagination(["filter", "orderBy"]) } } },
  });
const client = new ApolloClient({ link, cache: cache() });

const CUSTOMERS = gql`
  query Customers($after: String) {
    customers(first: 3, after: $after, orderBy: [{ field: DISPLAY_NAME }]) {
      edges {
        cursor
        node {
          id
          displayName
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`;

const first = await client.query({ query: CUSTOMERS });
assert.equal(first.data.customers.edges.length, 3);
const { endCursor } = first.data.customers.pageInfo;
await client.query({ query: CUSTOMERS, variables: { after: endCursor }, fetchPolicy: "network-only" });
const merged = Object.entries(client.extract().ROOT_QUERY).find(([key]) => key.startsWith("customers"))[1];
assert.equal(merged.edges.length, 6);

const CREATE = gql`
  mutation Create($data: CreateCustomerInput!) {
    createCustomer(data: $data) {
      ... on Customer {
        id
        displayName
      }
      ... on Problem {
        code
        violations {
          path
          code
        }
      }
    }
  }
`;
const person = { kind: "PERSON", givenName: "Grace", familyName: "Hopper" };
const made = await client.mutate({ mutation: CREATE, variables: { data: person } });
assert.equal(made.data.createCustomer.displayName, "Grace Hopper");
const refused = await client.mutate({ mutation: CREATE, variables: { data: { kind: "ORGANIZATION" } } });
assert.equal(refused.data.createCustomer.code, "VALIDATION");

const node = await client.query({
  query: gql`
    query Node($id: ID!) {
      node(id: $id) {
        id
        ... on Customer {
          displayName
        }
      }
    }
  `,
  variables: { id: made.data.createCustomer.id },
});
assert.equal(node.data.node.displayName, "Grace Hopper");

await assert.rejects(
  client.query({ query: gql`{ nonsense }` }),
  (error) => CombinedGraphQLErrors.is(error) && error.errors[0].message.includes("nonsense"),
);

const byGet = new ApolloClient({
  link: new HttpLink({ uri: process.env.CRM_API, headers, useGETForQueries: true }),
  cache: new InMemoryCache(),
});
const got = await byGet.query({ query: gql`{ deals { totalCount } }` });
assert.ok(got.data.deals.totalCount > 0);

const sha256 = (text) => createHash("sha256").update(text).digest("hex");
for (const useGETForHashedQueries of [false, true]) {
  const persisted = new ApolloClient({
    link: new PersistedQueryLink({ sha256, useGETForHashedQueries }).concat(link),
    cache: new InMemoryCache(),
  });
  const query = gql(`query Hashed${useGETForHashedQueries} { pipelines { totalCount } }`);
  sent.length = 0;
  for (let times = 0; times < 2; times += 1) {
    const answer = await persisted.query({ query, fetchPolicy: "no-cache" });
    assert.ok(answer.data.pipelines.totalCount > 0);
  }
  const withText = sent.map(({ url, body }) => `${url}${body}`.includes("totalCount"));
  assert.deepEqual(withText, [false, true, false]);
}
