"""The command line. Commands are registered here and imported when the program starts, so they
keep their own imports inside: `vernis --help` answers at once."""

import os
import sys

import typer

from vernis.cli.accounts import register as register_accounts
from vernis.cli.backtest import register as register_backtest
from vernis.cli.classify import register as register_classify
from vernis.cli.crm import register as register_crm
from vernis.cli.data import register as register_data
from vernis.cli.doctor import register as register_doctor
from vernis.cli.keeping import register as register_keeping
from vernis.cli.look import register as register_look
from vernis.cli.loop import register as register_loop
from vernis.cli.outbox import register as register_outbox
from vernis.cli.reception import register as register_reception
from vernis.cli.rehearsal import register as register_rehearsal
from vernis.cli.users import register as register_users
from vernis.cli.web import register as register_web
from vernis.cli.webhooks import register as register_webhooks
from vernis.cli.work import register as register_work
from vernis.cli.writing import register as register_writing
from vernis.errors import VernisError

# Arrays are small here: a second thread of the linear algebra only waits, busily.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

app = typer.Typer(
    name="vernis",
    help="Wins lapsed clients back: knows when each is due, writes, understands the reply, books,"
    " and proves what it earned.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
register_backtest(app)
register_data(app)
register_classify(app)
register_crm(app)
register_doctor(app)
register_loop(app)
register_writing(app)
register_look(app)
register_accounts(app)
register_outbox(app)
register_reception(app)
register_work(app)
register_web(app)
register_users(app)
register_webhooks(app)
register_rehearsal(app)
register_keeping(app)


def main() -> None:
    """Run one command. A fault of ours or theirs is one sentence and an exit code, no traceback."""
    try:
        app()
    except VernisError as error:
        sys.stderr.write(f"vernis: {error}\n")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # `vernis plan | head`
        sys.stderr.close()
        sys.exit(0)


if __name__ == "__main__":
    main()
