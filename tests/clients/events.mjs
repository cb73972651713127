// graphql-sse: subscriptions and queries as server-sent events, in distinct connections mode.
import assert from "node:assert/strict";
import { createClient } from "graphql-sse";

const CHANGES = `subscription ($after: String) { changes(after: $after, entities: [CUSTOMER]) { cursor recordId } }`;
const headers = { authorization: `Bearer ${process.env.CRM_TOKEN}` };
const client = createClient({ url: process.env.CRM_API, headers, singleConnection: false });

async function create(name) {
  const query = `mutation ($name: String!) {
    createCustomer(data: { kind: PERSON, familyName: $name }) { ... on Customer { id } }
  }`;
  for await (const answer of client.iterate({ query, variables: { name } })) return answer.data.createCustomer.id;
}

const { value: start } = await client.iterate({ query: "{ me { __typename } }" }).next();
assert.equal(start.data.me.__typename, "User");

// When a subscription begins now is known to the server alone: so begin after a place in the feed.
const ended = `{ changes(first: 1000, entities: [CUSTOMER]) { pageInfo { endCursor hasNextPage } } }`;
const { value: page } = await client.iterate({ query: ended }).next();
const { endCursor, hasNextPage } = page.data.changes.pageInfo;
assert.equal(hasNextPage, false);

const ada = await create("Ada");
const bea = await create("Bea");
const changes = client.iterate({ query: CHANGES, variables: { after: endCursor } });
const { value: first } = await changes.next();
assert.equal(first.data.changes.recordId, ada);
assert.equal((await changes.next()).value.data.changes.recordId, bea);
await changes.return();

const resumed = client.iterate({ query: CHANGES, variables: { after: first.data.changes.cursor } });
assert.equal((await resumed.next()).value.data.changes.recordId, bea);
await resumed.return();

const { value: wrong } = await client.iterate({ query: "subscription { nothing }" }).next();
assert.match(wrong.errors[0].message, /nothing/);

client.dispose();
