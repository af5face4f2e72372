package seer.run;

import java.io.PrintWriter;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/// The command line. Errors end here: one sentence on standard error, exit code 2 for wrong usage and 1 otherwise.
@Command(name = "seer", mixinStandardHelpOptions = true, versionProvider = Version.class,
        description = "Reads long prompts with learned block-sparse attention (SeerAttention, arXiv 2410.13276).",
        subcommands = {DemoCommand.class, GenerateCommand.class, PrefillCommand.class, PerplexityCommand.class,
            EvalCommand.class, TrainGateCommand.class, CalibrateCommand.class, InfoCommand.class, ConvertCommand.class,
            BenchCommand.class, DevicesCommand.class},
        synopsisSubcommandLabel = "COMMAND",
        footer = {"%nbin/seer --show-command COMMAND ... prints the java command instead of running it.",
            "Exit codes: 0 done; 1 it failed, or standard output could not be written to its end; 2 wrong usage. "
                + "An error is one sentence on standard error."})
public final class Main {
    @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "Show the stack trace of an error.")
    private boolean verbose;

    /// Runs the command line and exits with its code.
    public static void main(String[] arguments) {
        StandardError.takeOver();
        Desktop.headless();
        var err = new PrintWriter(System.err, true);
        var unreadable = CommandText.problem(arguments, System.getProperty("sun.jnu.encoding", ""));
        if (unreadable.isPresent()) {
            err.println("seer: " + unreadable.get());
            System.exit(CommandLine.ExitCode.USAGE);
        }
        System.exit(run(arguments, StandardOutput.open(), err));
    }

    /// Runs the command line; returns the exit code.
    public static int run(String[] arguments, PrintWriter out, PrintWriter err) {
        int code = new Main().execute(arguments, out, err);
        String lost = StandardOutput.complaint(out);
        if (lost == null) {
            return code;
        }
        err.println("seer: " + lost);
        return code == CommandLine.ExitCode.OK ? CommandLine.ExitCode.SOFTWARE : code;
    }

    private int execute(String[] arguments, PrintWriter out, PrintWriter err) {
        var line = new CommandLine(this).setOut(out).setErr(err);
        line.setParameterExceptionHandler((e, args) -> {
            err.println("seer: " + Complaint.oneLine(unknown(e).orElse(e.getMessage())));
            err.println("Try '" + e.getCommandLine().getCommandSpec().qualifiedName() + " --help'.");
            return CommandLine.ExitCode.USAGE;
        });
        line.setExecutionExceptionHandler((e, command, result) -> failed(e, err));
        if (arguments.length == 0) {
            line.usage(out);
            return CommandLine.ExitCode.USAGE;
        }
        try {
            return line.execute(arguments);
        } catch (Error | RuntimeException e) { // picocli hands only exceptions of commands to its handler
            return failed(e, err);
        }
    }

    /// A word where a command is wanted, in a sentence that names the commands.
    private static Optional<String> unknown(CommandLine.ParameterException e) {
        var commands = e.getCommandLine().getSubcommands().keySet();
        if (!(e instanceof CommandLine.UnmatchedArgumentException unmatched) || commands.isEmpty()
                || unmatched.getUnmatched().getFirst().startsWith("-")) {
            return Optional.empty();
        }
        return Optional.of("'" + unmatched.getUnmatched().getFirst() + "' is no command, wanted one of "
                + String.join(", ", commands));
    }

    private int failed(Throwable e, PrintWriter err) {
        if (e instanceof StandardOutput.LostException) {
            return CommandLine.ExitCode.SOFTWARE;
        }
        err.println("seer: " + Complaint.of(e));
        if (verbose) {
            e.printStackTrace(err);
        }
        return e instanceof UsageException ? CommandLine.ExitCode.USAGE : CommandLine.ExitCode.SOFTWARE;
    }
}
