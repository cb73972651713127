// What a Relay application declares: fragments, a connection with pages, a refetchable fragment, a mutation.
import { graphql } from "relay-runtime";

export const query = graphql`
  query customersQuery($first: Int!, $id: ID!) {
    ...customersList @arguments(first: $first)
    node(id: $id) {
      ...customersDetails @alias(as: "details")
    }
  }
`;

export const list = graphql`
  fragment customersList on Query
  @argumentDefinitions(first: { type: "Int!" }, after: { type: "String" })
  @refetchable(queryName: "customersListPageQuery") {
    customers(first: $first, after: $after, orderBy: [{ field: DISPLAY_NAME }]) @connection(key: "customersList_customers") {
      edges {
        node {
          ...customersDetails
        }
      }
    }
  }
`;

export const details = graphql`
  fragment customersDetails on Customer @refetchable(queryName: "customersDetailsRefetchQuery") {
    id
    displayName
    owner {
      name
    }
  }
`;

export const rename = graphql`
  mutation customersRenameMutation($id: ID!, $name: String!) {
    updateCustomer(id: $id, data: { displayName: $name }) {
      ... on Customer {
        ...customersDetails @alias(as: "details")
      }
      ... on Problem {
        code
      }
    }
  }
`;
