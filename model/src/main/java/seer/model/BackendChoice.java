package seer.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import seer.model.backend.Backend;
import seer.model.backend.BackendUnavailableException;
import seer.model.backend.ElementType;

/// Where somebody wants to compute, and how: what the command line and programs that are configured by words share.
///
/// @param threads worker threads of the cpu backend
public record BackendChoice(Kind kind, Precision precision, int threads) {
    /// The backends there are, and the choice among them.
    public enum Kind {
        AUTO, CPU, TORNADO, SIMULATOR;

        /// @throws IllegalArgumentException naming the words there are
        public static Kind of(String word) {
            return named("backend", word, values());
        }
    }

    /// How the tornado backend stores weights, activations and the cache; `AUTO` is bf16 where tensor cores and the
    /// model suit it, else f32. On the cpu backend, which computes in f32, `AUTO` keeps long caches of quantized models
    /// in 16 bits, and `F32` none. `INT8` is the cpu backend's alone: a layer's products with weights of four bits in
    /// whole numbers, as [Backends#cpuInt8] says.
    public enum Precision {
        AUTO, F32, BF16, INT8;

        /// @throws IllegalArgumentException naming the words there are
        public static Precision of(String word) {
            return named("precision", word, values());
        }
    }

    public BackendChoice {
        clash(kind, precision, "").ifPresent(sentence -> {
            throw new IllegalArgumentException(sentence);
        });
        if (threads < 1) {
            throw new IllegalArgumentException("threads is " + threads + ", wanted at least 1");
        }
    }

    private static <E extends Enum<E>> E named(String what, String word, E[] choices) {
        var words = Arrays.stream(choices).map(BackendChoice::word).toList();
        if (!words.contains(word)) {
            throw new IllegalArgumentException(what + " is \"" + word + "\", wanted one of "
                    + String.join(", ", words));
        }
        return choices[words.indexOf(word)];
    }

    private static String word(Enum<?> choice) {
        return choice.name().toLowerCase(Locale.ROOT);
    }

    /// Why a precision is none of a backend's; empty where it is one.
    ///
    /// @param dashes before the names of both in the sentence, as options have them; or nothing
    public static Optional<String> clash(Kind kind, Precision precision, String dashes) {
        String both = dashes + "precision " + word(precision) + " with " + dashes + "backend " + word(kind);
        if (precision == Precision.BF16 && kind == Kind.CPU) {
            return Optional.of(both + ", which computes in f32 or int8");
        }
        boolean device = kind == Kind.TORNADO || kind == Kind.SIMULATOR;
        return Optional.of(both + ", wanted cpu: only it computes so")
                .filter(_ -> precision == Precision.INT8 && device);
    }

    /// Why `AUTO` takes the cpu backend: without TornadoVM it has to, and on a processor the Vector API is faster than
    /// kernels made for accelerators. Empty where it does not.
    public static Optional<String> autoObstacle() {
        return Backends.tornadoObstacle().or(() -> {
            var device = Backends.tornadoDevices().getFirst();
            return Optional.of("TornadoVM's default device is a processor, " + device)
                    .filter(_ -> device.type().equals("CPU"));
        });
    }

    /// The same with `AUTO` decided; bf16 or int8 that somebody asked for leaves it no choice.
    ///
    /// @param obstacle to computing on a device, as from [#autoObstacle]
    public BackendChoice decided(Optional<String> obstacle) {
        boolean device = precision == Precision.BF16 || obstacle.isEmpty() && precision != Precision.INT8;
        return kind != Kind.AUTO ? this : new BackendChoice(device ? Kind.TORNADO : Kind.CPU, precision, threads);
    }

    /// Opens it.
    ///
    /// @param halves whether the model is one for bf16: asked only where that decides, since it reads the model's files
    /// @throws BackendUnavailableException where it is not; nothing else computes instead
    public Backend open(BooleanSupplier halves) {
        return switch (kind) {
            case AUTO -> decided(precision == Precision.INT8 ? Optional.empty() : autoObstacle()).open(halves);
            case CPU -> precision == Precision.INT8 ? Backends.cpuInt8(threads)
                    : Backends.cpu(threads, precision == Precision.F32 ? ElementType.F32 : null);
            case TORNADO -> tornado(halves);
            case SIMULATOR -> Backends.simulator(precision == Precision.BF16 ? ElementType.BF16 : ElementType.F32);
        };
    }

    /// A kernel that fails to compile must not run as plain Java in silence, however this JVM was started.
    private Backend tornado(BooleanSupplier halves) {
        System.setProperty("tornado.recover.bailout", "False");
        boolean bf16 = precision == Precision.BF16
                || precision == Precision.AUTO && Backends.tensorCoreObstacle().isEmpty() && halves.getAsBoolean();
        return Backends.tornado(bf16 ? ElementType.BF16 : ElementType.F32);
    }
}
