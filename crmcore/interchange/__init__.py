"""Records on their way in and out: CSV import, export, and demonstration data."""

from crmcore.interchange.exports.run import export
from crmcore.interchange.imports.load import Loaded, load_mapping
from crmcore.interchange.imports.own import own_mapping
from crmcore.interchange.imports.report import Report
from crmcore.interchange.imports.run import import_csv
from crmcore.interchange.seed import SCENARIOS, Seeding, seed

__all__ = ["SCENARIOS", "Loaded", "Report", "Seeding", "export", "import_csv", "load_mapping", "own_mapping", "seed"]
