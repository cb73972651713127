// graphql-request: the smallest of clients.
import assert from "node:assert/strict";
import { GraphQLClient, gql } from "graphql-request";

const headers = { authorization: `Bearer ${process.env.CRM_TOKEN}` };
const client = new GraphQLClient(process.env.CRM_API, { headers });

const DEALS = gql`
  query Deals($first: Int!) {
    deals(first: $first) {
      totalCount
      nodes {
        name
        stage {
          name
        }
      }
    }
  }
`;
const { deals } = await client.request(DEALS, { first: 2 });
assert.equal(deals.nodes.length, 2);

const byGet = new GraphQLClient(process.env.CRM_API, { headers, method: "GET" });
assert.equal((await byGet.request(DEALS, { first: 1 })).deals.totalCount, deals.totalCount);

await assert.rejects(client.request("{ nonsense }"), (error) => /nonsense/.test(error.response.errors[0].message));
await assert.rejects(
  new GraphQLClient(process.env.CRM_API).request(DEALS, { first: 1 }),
  (error) => error.response.status === 401 && error.response.errors[0].extensions.code === "UNAUTHENTICATED",
);
