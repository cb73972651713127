// What an application writes: typed operations, sent by the ids of their persisted documents.
import assert from "node:assert/strict";
import { graphql } from "../generated/gql.js";
import type { TypedDocumentString } from "../generated/graphql.js";

const Customers = graphql(`
  query Customers($first: Int!, $filter: CustomerFilter) {
    customers(first: $first, filter: $filter) {
      nodes {
        id
        displayName
        deals {
          nodes {
            amount {
              amount
              currency
            }
          }
        }
      }
    }
  }
`);

const Tag = graphql(`
  mutation Tag($data: CreateTagInput!) {
    createTag(data: $data) {
      __typename
      ... on Tag {
        name
      }
      ... on Problem {
        code
      }
    }
  }
`);

async function ask<R, V>(document: TypedDocumentString<R, V>, variables: V): Promise<R> {
  const documentId: string = document.__meta__!["hash"];
  const answer = await fetch(process.env.CRM_API!, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${process.env.CRM_TOKEN}` },
    body: JSON.stringify({ documentId, variables }),
  });
  const { data, errors } = await answer.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
}

const { customers } = await ask(Customers, { first: 2, filter: { displayName: { ne: "nobody" } } });
assert.equal(customers.nodes.length, 2);
const name: string = customers.nodes[0].displayName;
assert.ok(name.length > 0);

const { createTag } = await ask(Tag, { data: { name: "from codegen" } });
assert.equal(createTag?.__typename === "Tag" && createTag.name, "from codegen");
