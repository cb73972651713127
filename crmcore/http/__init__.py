"""The CRM over HTTP: GraphQL, sign-in, the explorer, health, and plugins' routes."""

from crmcore.http.assemble import application

__all__ = ["application"]
