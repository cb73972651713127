"""Orders for crmcore: products with prices, orders by line, returns and refunds, exact to the minor unit."""
