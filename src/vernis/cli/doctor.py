"""Whether everything that is configured works."""

import typer

from vernis.cli.options import JsonOption, print_json, run, say


def register(app: typer.Typer) -> None:
    app.command()(doctor)


def doctor(as_json: JsonOption = False) -> None:
    """Look at the database, Redis, the secret, the accounts, the language models and their cost."""
    from dataclasses import asdict

    from vernis.config import load
    from vernis.doctor import Finding, examine

    async def main() -> list[Finding]:
        findings = []
        async for finding in examine(load()):
            findings.append(finding)
            if not as_json:
                say(f"{'ok ' if finding.ok else 'BAD'} {finding.says}")
        return findings

    findings = run(main())
    if as_json:
        print_json([asdict(finding) for finding in findings])
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)
