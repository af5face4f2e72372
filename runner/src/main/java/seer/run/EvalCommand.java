package seer.run;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// Quality and cost of sparse attention, measured.
@Command(name = "eval", mixinStandardHelpOptions = true, synopsisSubcommandLabel = "COMMAND",
        description = "Measures what selectors cost and lose; see docs/evaluation.md.",
        subcommands = {EvalPerplexityCommand.class, EvalRetrievalCommand.class, EvalLongBenchCommand.class,
            EvalRecallCommand.class, EvalTableCommand.class, EvalAblationCommand.class})
final class EvalCommand implements Runnable {
    @Spec private CommandSpec spec;

    @Override
    public void run() {
        throw new UsageException("eval needs to know what to measure, wanted one of "
                + String.join(", ", spec.subcommands().keySet()));
    }
}
