"""`crm explain`: the SQL of a GraphQL operation."""
