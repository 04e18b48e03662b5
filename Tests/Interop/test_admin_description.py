"""Schemathesis makes requests from openapi/admin.yaml and compares what comes back with the description."""

import subprocess
import sys
from pathlib import Path

from process import REPOSITORY
from test_admin import admin  # noqa: F401 (a fixture)


def test_the_description_holds(admin, tmp_path):  # noqa: F811
    api = admin()
    token = api.token("configure")
    settings = tmp_path / "schemathesis.toml"
    # Refusals that the tool does not count among those of a request that does not keep to the description.
    settings.write_text(
        "[checks.negative_data_rejection]\n"
        'expected-statuses = ["400", "401", "403", "404", "405", "406", "409", "412", "413", "415", "422", "428", "431"]\n')
    done = subprocess.run(
        [str(Path(sys.executable).parent / "schemathesis"), "--config-file", str(settings), "run",
         str(REPOSITORY / "openapi/admin.yaml"), "--url", f"http://127.0.0.1:{api.port}",
         "--header", f"Authorization: Bearer {token}", "--seed", "1", "--generation-database", "none",
         "--max-time", "60", "--max-examples", "30", "--phases", "examples,coverage,fuzzing",
         # What is a valid configuration or patch is more than a schema can say; and those who try again and
         # again without a token are slowed down with 429, which other tests look at.
         "--exclude-checks", "positive_data_acceptance,ignored_auth",
         # The first would end the process, the second is a stream of a minute.
         "--exclude-operation-id", "drain", "--exclude-operation-id", "tapPipeline", "--continue-on-failure", "--no-color"],
        capture_output=True, text=True, timeout=300, cwd=tmp_path)
    print("\n".join(line[:500] for line in (done.stdout + done.stderr).splitlines())[-30000:])
    assert done.returncode == 0
    assert api.apus.is_running
    assert api.get("/v1/pipelines")["pipelines"]
