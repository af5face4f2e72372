package seer.run;

import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/// The command line. Errors end here: one sentence on standard error, exit code 2 for wrong usage and 1 otherwise.
@Command(name = "seer", mixinStandardHelpOptions = true, versionProvider = Version.class,
        description = "Reads long prompts with learned block-sparse attention (SeerAttention, arXiv 2410.13276).",
        subcommands = {DemoCommand.class, PrefillCommand.class, PerplexityCommand.class, EvalCommand.class,
            TrainGateCommand.class, CalibrateCommand.class, BenchCommand.class, DevicesCommand.class},
        synopsisSubcommandLabel = "COMMAND",
        footer = "%nbin/seer --show-command COMMAND ... prints the java command instead of running it.")
public final class Main {
    @Option(names = "--verbose", scope = ScopeType.INHERIT, description = "Show the stack trace of an error.")
    private boolean verbose;

    /// Runs the command line and exits with its code.
    public static void main(String[] arguments) {
        StandardError.takeOver();
        var err = new PrintWriter(System.err, true);
        var unreadable = CommandText.problem(arguments, System.getProperty("sun.jnu.encoding", ""));
        if (unreadable.isPresent()) {
            err.println("seer: " + unreadable.get());
            System.exit(CommandLine.ExitCode.USAGE);
        }
        System.exit(run(arguments, new PrintWriter(System.out, true), err));
    }

    /// Runs the command line; returns the exit code.
    public static int run(String[] arguments, PrintWriter out, PrintWriter err) {
        var main = new Main();
        var line = new CommandLine(main).setOut(out).setErr(err);
        line.setParameterExceptionHandler((e, args) -> {
            err.println("seer: " + e.getMessage());
            err.println("Try '" + e.getCommandLine().getCommandSpec().qualifiedName() + " --help'.");
            return CommandLine.ExitCode.USAGE;
        });
        line.setExecutionExceptionHandler((e, command, result) -> main.failed(e, err));
        if (arguments.length == 0) {
            line.usage(out);
            return CommandLine.ExitCode.USAGE;
        }
        try {
            return line.execute(arguments);
        } catch (OutOfMemoryError e) {
            return main.failed(e, err);
        }
    }

    private int failed(Throwable e, PrintWriter err) {
        err.println("seer: " + sentence(e));
        if (verbose) {
            e.printStackTrace(err);
        }
        return e instanceof UsageException ? CommandLine.ExitCode.USAGE : CommandLine.ExitCode.SOFTWARE;
    }

    private static String sentence(Throwable e) {
        return switch (e) {
            case OutOfMemoryError memory -> "out of memory (" + memory.getMessage() + "), the heap's limit is "
                    + (Runtime.getRuntime().maxMemory() >> 20) + " MiB: raise it with SEER_JAVA_OPTS=-Xmx...";
            case NoSuchFileException missing -> missing.getFile() + ": no such file";
            case AccessDeniedException denied -> denied.getFile() + ": may not be read";
            case Throwable other when other.getMessage() != null -> other.getMessage();
            case Throwable other -> other.toString();
        };
    }
}
