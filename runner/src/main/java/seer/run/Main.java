package seer.run;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/// The command line. Errors end here: one sentence on standard error, exit code 2 for wrong usage and 1 otherwise.
@Command(name = "seer", mixinStandardHelpOptions = true, versionProvider = Version.class,
        description = "Reads long prompts with learned block-sparse attention (SeerAttention, arXiv 2410.13276).",
        subcommands = {DemoCommand.class, GenerateCommand.class, PrefillCommand.class, PerplexityCommand.class,
            BatchPrefillCommand.class, SparkPrefillCommand.class, EvalCommand.class, TrainGateCommand.class,
            FineTuneCommand.class, CalibrateCommand.class, InfoCommand.class, ConvertCommand.class,
            BenchCommand.class, DevicesCommand.class},
        synopsisSubcommandLabel = "COMMAND",
        footer = {"%nbin/seer --show-command COMMAND ... prints the java command instead of running it.",
            "Exit codes: 0 done; 1 it failed, or standard output could not be written to its end; 2 wrong usage. "
                + "An error is one sentence on standard error."})
public final class Main {
    private static final Pattern NOT_A = Pattern.compile(
            "Invalid value for option '([^']*)'.*?: '(.*)' is not an? (int|long|float|double|path)", Pattern.DOTALL);

    private static final Pattern NO_CHOICE = Pattern.compile("Invalid value for option '([^']*)'.*?: expected one of "
            + "\\[(.*?)] \\(case-[a-z]*\\) but was '(.*)'", Pattern.DOTALL);

    private static final Pattern OURS = Pattern.compile("^Invalid value for option '([^']*)'(?: \\([^)]*\\))?: ");

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
        line.registerConverter(Path.class, Main::path);
        line.setParameterExceptionHandler((e, args) -> {
            err.println("seer: " + Complaint.oneLine(unknown(e).orElse(inOurWords(e.getMessage()))));
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

    /// Where an empty word is meant for a file, the system would take the folder that the command was called in.
    private static Path path(String text) {
        if (text.isEmpty()) {
            throw new CommandLine.TypeConversionException("'' is not a path");
        }
        return Path.of(text);
    }

    /// A complaint about an option's number, path or choice in the words of all others; what our own converters say is
    /// a sentence already.
    private static String inOurWords(String complaint) {
        var choice = NO_CHOICE.matcher(complaint);
        if (choice.matches()) {
            return choice.group(1) + " is '" + choice.group(3) + "', wanted one of " + choice.group(2);
        }
        var matcher = NOT_A.matcher(complaint);
        if (!matcher.matches()) {
            return OURS.matcher(complaint).replaceFirst("$1: ");
        }
        String wanted = switch (matcher.group(3)) {
            case "int" -> "a whole number below 2^31";
            case "path" -> "the name of a file or folder";
            case "long" -> "a whole number below 2^63";
            default -> "a number";
        };
        return matcher.group(1) + " is '" + matcher.group(2) + "', wanted " + wanted;
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
