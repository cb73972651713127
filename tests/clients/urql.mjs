// urql: queries, mutations, errors, GET.
import assert from "node:assert/strict";
import { Client, cacheExchange, fetchExchange, gql } from "@urql/core";

const options = {
  url: process.env.CRM_API,
  exchanges: [cacheExchange, fetchExchange],
  fetchOptions: { headers: { authorization: `Bearer ${process.env.CRM_TOKEN}` } },
};
const client = new Client({ ...options, preferGetMethod: false });

const CUSTOMERS = gql`
  query Customers($first: Int!) {
    customers(first: $first) {
      nodes {
        id
        displayName
        deals {
          nodes {
            name
            amount {
              amount
              currency
            }
          }
        }
      }
    }
  }
`;
const { data, error } = await client.query(CUSTOMERS, { first: 4 });
assert.equal(error, undefined);
assert.equal(data.customers.nodes.length, 4);

const TAG = gql`
  mutation Tag($name: String!) {
    createTag(data: { name: $name }) {
      ... on Tag {
        name
      }
      ... on Problem {
        code
      }
    }
  }
`;
const tagged = await client.mutation(TAG, { name: "from urql" });
assert.equal(tagged.data.createTag.name, "from urql");

const wrong = await client.query(gql`{ nonsense }`, {});
assert.match(wrong.error.graphQLErrors[0].message, /nonsense/);

const byGet = new Client({ ...options, preferGetMethod: "force" });
const counted = await byGet.query(gql`{ deals { totalCount } }`, {});
assert.ok(counted.data.deals.totalCount > 0);

const nobody = new Client({ ...options, fetchOptions: {} });
assert.ok((await nobody.query(CUSTOMERS, { first: 1 })).error);
