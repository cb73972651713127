// graphql-ws: subscriptions, queries and mutations over one WebSocket, and going on after a connection that was lost.
import assert from "node:assert/strict";
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const url = process.env.CRM_API.replace(/^http/, "ws");
const CHANGES = `subscription ($after: String) { changes(after: $after, entities: [CUSTOMER]) { cursor type recordId } }`;
const CREATE = `mutation ($name: String!) {
  createCustomer(data: { kind: PERSON, familyName: $name }) { ... on Customer { id } ... on Problem { message } }
}`;

let socket;
const client = createClient({
  url,
  webSocketImpl: class extends WebSocket {
    constructor(...given) {
      super(...given);
      socket = this;
    }
  },
  connectionParams: { token: process.env.CRM_TOKEN },
});

async function once(query, variables) {
  for await (const answer of client.iterate({ query, variables })) {
    assert.equal(answer.errors, undefined);
    return answer.data;
  }
}

const { me } = await once("{ me { __typename } }");
assert.equal(me.__typename, "User");

// What happens from now on. The query is answered after the subscription has begun: one connection, in order.
const changes = client.iterate({ query: CHANGES });
const first = changes.next();
await once("{ __typename }");
const { createCustomer: ada } = await once(CREATE, { name: "Ada" });
const { value } = await first;
assert.equal(value.data.changes.recordId, ada.id);
assert.equal(value.data.changes.type, "CUSTOMER_CREATED");
await changes.return();

// A lost connection: begin again after the last cursor, and nothing is missing.
socket.terminate();
const { createCustomer: bea } = await once(CREATE, { name: "Bea" });
const resumed = client.iterate({ query: CHANGES, variables: { after: value.data.changes.cursor } });
assert.equal((await resumed.next()).value.data.changes.recordId, bea.id);
await resumed.return();

// What is wrong with an operation ends that operation alone.
await assert.rejects(
  async () => {
    for await (const _ of client.iterate({ query: "subscription { nothing }" }));
  },
  (errors) => errors[0].message.includes("nothing"),
);
await once("{ __typename }");

// Who is not known is closed with a code that the client takes for final.
const stranger = createClient({
  url,
  webSocketImpl: WebSocket,
  connectionParams: { token: "crm_nonsense" },
  retryAttempts: 3,
});
await assert.rejects(
  async () => {
    for await (const _ of stranger.iterate({ query: CHANGES }));
  },
  (event) => event.code === 4401,
);

await client.dispose();
