package seer.run;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import seer.model.BackendChoice;
import seer.model.Backends;
import seer.model.backend.Backend;
import seer.model.backend.BackendUnavailableException;
import seer.run.cluster.ModelPlace;

/// Where to compute. bin/seer reads `--backend` too: it decides what is on the class path.
final class BackendOptions {
    /// Set by bin/seer: why it started without TornadoVM.
    static final String REASON = "seer.tornado.reason";
    /// Set by bin/seer where nobody set TornadoVM up: then it is no news that it is not used.
    static final String UNSET = "seer.tornado.unset";

    private static final int MOST_THREADS = 1024;
    /// Why auto is the cpu backend then.
    private static final String INT8 = "only it computes in int8";

    @Option(names = "--backend", paramLabel = "NAME", defaultValue = "auto",
            description = "Where to compute: cpu; tornado, on TornadoVM's default device or not at all; auto, on "
                    + "TornadoVM where it is set up and its default device is no processor, else cpu, and says "
                    + "why; simulator, TornadoVM's kernels on the plain JVM, for finding faults "
                    + "(default: ${DEFAULT-VALUE}).")
    private BackendName backend;

    @Option(names = "--threads", paramLabel = "N",
            description = "Worker threads of the cpu backend (default: one per core).")
    private Integer threads;

    @Option(names = "--precision", paramLabel = "NAME", defaultValue = "auto",
            description = "How the tornado backend stores weights, activations and the cache: f32; bf16, on tensor "
                    + "cores or not at all; auto, bf16 where there are tensor cores, Seer's compiler extension and a "
                    + "model in BF16 with heads of 64 or 128, else f32 (default: ${DEFAULT-VALUE}). The cpu backend "
                    + "computes in f32; there f32 also keeps keys and values so, which auto keeps in 16 bits where "
                    + "weights are quantized and take less than they; int8, of the cpu backend alone, is auto with a "
                    + "layer's products with weights of 4 bits (Q4_0, Q4_1, Q4_K) in whole numbers, what they "
                    + "multiply rounded to 8 bits, and with 8 bits where auto keeps keys and values in 16.")
    private Precision precision;

    @Spec(Spec.Target.MIXEE) private CommandSpec command;

    /// The backends there are, and the choice among them.
    enum BackendName { auto, cpu, tornado, simulator }

    /// What `--precision` can be.
    enum Precision { auto, f32, bf16, int8 }

    /// The same for other processes.
    ///
    /// @param model  path
    /// @param sha256 of its weights
    /// @param gate   folder of the gates; null for the model's own
    /// @param halves whether bf16 is taken where it suits the model and nobody said otherwise
    ModelPlace place(Path model, String sha256, Path gate, boolean halves) {
        return new ModelPlace(model.toString(), sha256, gate == null ? null : gate.toString(), backend.name(), threads,
                (precision == Precision.auto && !halves ? Precision.f32 : precision).name());
    }

    /// Whether devices of TornadoVM's are not ruled out.
    boolean mayBeTornado() {
        return backend == BackendName.auto || backend == BackendName.tornado;
    }

    String name() {
        return backend.name();
    }

    /// Why the cpu computes though nobody asked for it; null where it does not.
    String cpuInstead() {
        return backend != BackendName.auto ? null : isInt8() ? INT8 : autoObstacle();
    }

    /// Whether the cpu is to compute in whole numbers.
    boolean isInt8() {
        return precision == Precision.int8;
    }

    /// Worker threads of the cpu backend.
    int threads() {
        return threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    }

    boolean isSimulator() {
        return backend == BackendName.simulator;
    }

    /// For what has no weights of a model's files to read, or changes them.
    Backend open() {
        return openWithoutFile(() -> false);
    }

    /// The same.
    ///
    /// @param halves whether the work is of a shape for bf16
    Backend openWithoutFile(BooleanSupplier halves) {
        if (isInt8()) {
            throw new UsageException("--precision int8 here, wanted auto, f32 or bf16: int8 is for reading with the "
                    + "weights of a model's files");
        }
        return open(halves);
    }

    /// @param halves whether the model is one for bf16: asked only where that decides, since it reads the model's files
    Backend open(BooleanSupplier halves) {
        var kind = BackendChoice.Kind.of(backend.name());
        var wanted = BackendChoice.Precision.of(precision.name());
        BackendChoice.clash(kind, wanted, "--").ifPresent(sentence -> {
            throw new UsageException(sentence);
        });
        int count = threads();
        Lengths.between("--threads", count, 1, MOST_THREADS);
        var choice = new BackendChoice(kind, wanted, count);
        boolean auto = backend == BackendName.auto;
        Optional<String> obstacle = Optional.ofNullable(cpuInstead());
        String missing = auto && precision == Precision.bf16 ? obstacle() : null;
        if (missing != null) {
            throw new BackendUnavailableException("tornado", missing, "--precision bf16 wants a device with tensor "
                    + "cores, see docs/tornadovm.md");
        }
        var decided = choice.decided(obstacle);
        Backend chosen = decided.open(halves);
        if (decided.kind() == BackendChoice.Kind.TORNADO) {
            say((auto ? "backend auto: tornado; " : "") + compiling(chosen));
        } else if (auto && !Boolean.getBoolean(UNSET)) {
            say("backend auto: cpu, as " + obstacle.orElseThrow());
        }
        return chosen;
    }

    /// Why TornadoVM cannot be used, as bin/seer or else TornadoVM itself knows; null where it can.
    static String obstacle() {
        String known = System.getProperty(REASON);
        return known != null ? known : Backends.tornadoObstacle().orElse(null);
    }

    /// Why `auto` takes the cpu backend; null where it does not.
    static String autoObstacle() {
        String known = System.getProperty(REASON);
        return known != null ? known : BackendChoice.autoObstacle().orElse(null);
    }

    /// Some drivers take most of a minute, in which nothing else is to be seen.
    private static String compiling(Backend tornado) {
        return "kernels are compiled for " + tornado.info().device() + " as they are first used, and results say how "
                + "long that took";
    }

    private void say(String line) {
        PrintWriter err = command.commandLine().getErr();
        err.println("seer: " + line + ".");
    }
}
