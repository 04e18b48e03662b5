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
    settings.write_text("")
    done = subprocess.run(
        [str(Path(sys.executable).parent / "schemathesis"), "--config-file", str(settings), "run",
         str(REPOSITORY / "openapi/admin.yaml"), "--url", f"http://127.0.0.1:{api.port}",
         "--header", f"Authorization: Bearer {token}", "--seed", "1", "--generation-database", "none",
         "--max-time", "60", "--max-examples", "30", "--phases", "examples,coverage,fuzzing",
         # What is a valid configuration, patch or filter is more than a schema can say.
         "--exclude-checks", "positive_data_acceptance",
         # It would end the process, or wait.
         "--exclude-operation-id", "drain", "--continue-on-failure", "--no-color"],
        capture_output=True, text=True, timeout=300, cwd=tmp_path)
    print(done.stdout[-30000:], done.stderr[-5000:])
    assert done.returncode == 0
    assert api.apus.is_running
    assert api.get("/v1/pipelines")["pipelines"]
