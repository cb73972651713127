"""Compliance for crmcore: sealed fields that can be searched, consent, subjects' rights, retention, tamper-evident audit."""
