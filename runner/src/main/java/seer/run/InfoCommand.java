package seer.run;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import seer.gate.AttnGate;
import seer.model.Backends;
import seer.model.LanguageModel;
import seer.model.ModelConfig;
import seer.model.ModelFiles;
import seer.model.RopeConfig;
import seer.model.SessionMemory;
import seer.model.backend.Backend;
import seer.model.backend.ElementType;
import seer.model.load.DType;
import seer.model.load.MalformedModelException;
import seer.model.load.QuantizedBlock;
import seer.run.bench.KeptCache;

/// What a model's files hold, and what it takes to run it.
@Command(name = "info", mixinStandardHelpOptions = true,
        description = "Says what a model is: architecture, types of weights, context, gates, memory.")
final class InfoCommand implements Callable<Integer> {
    private static final int SHORTEST = 2048;
    private static final double MEBI = 1 << 20;

    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "PATH", description = "A model's folder or GGUF file.")
    private Path path;

    @Option(names = "--gate", paramLabel = "DIR",
            description = "Gates to try on it (default: the folder gate inside the model's, or beside a file, if any).")
    private Path gate;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        if (!Files.exists(path)) {
            throw new UsageException(path + ": no such folder or file");
        }
        try (var files = ModelFiles.open(path)) {
            describe(files, out);
            memory(files, out);
        }
        Path folder = gate == null ? AttnGate.folder(path) : gate;
        line(out, "gates", gate != null || Files.isDirectory(folder) ? folder + ": " + fit(folder)
                : "none: there is no folder " + folder);
        return 0;
    }

    private static void line(PrintWriter out, String name, String value) {
        out.printf(Locale.ROOT, "%-14s %s%n", name, value);
    }

    private static void describe(ModelFiles files, PrintWriter out) {
        ModelConfig config = files.config();
        line(out, "model", files.path().toString());
        line(out, "architecture", "%s, %,d layers of width %,d, %d query and %d key heads of width %d%s%s".formatted(
                config.family(), config.layers(), config.width(), config.heads(), config.groups(), config.headWidth(),
                config.attentionBias() ? ", biases" : "", config.headNorm() ? ", heads normed" : ""));
        line(out, "parameters", "%,d".formatted(files.weights().parameterCount()));
        line(out, "types", files.weights().types().entrySet().stream()
                .sorted(Comparator.comparing((Map.Entry<DType, Long> each) -> -each.getValue()))
                .map(each -> "%s %,d".formatted(each.getKey(), each.getValue())).collect(Collectors.joining(", ")));
        line(out, "vocabulary", "%,d%s".formatted(config.vocabulary(),
                config.tiedHead() ? ", head tied to the embedding" : ""));
        line(out, "context", "%,d tokens".formatted(config.contextLength()));
        line(out, "rotation", rope(config.rope()));
        String chat;
        try {
            chat = files.chat().map(form -> form.form().name().toLowerCase(Locale.ROOT)).orElse("none");
        } catch (MalformedModelException _) {
            chat = "of a form that is not known";
        }
        line(out, "chat template", chat);
        line(out, "ends with", config.endOfText().stream()
                .map(id -> id + " " + files.tokenizer().decode(id).strip()).collect(Collectors.joining(", ")));
    }

    private static String rope(RopeConfig rope) {
        String base = "base %,.0f".formatted(rope.theta());
        return switch (rope.scaling()) {
            case RopeConfig.Scaling.None _ -> base;
            case RopeConfig.Scaling.Linear(double factor) -> base + ", linear by " + factor;
            case RopeConfig.Scaling.Dynamic(double factor, int context) ->
                    base + ", dynamic by " + factor + " beyond " + context;
            case RopeConfig.Scaling.Llama3 scaling -> base + ", llama3 by " + scaling.factor() + " from "
                    + (long) scaling.originalContext();
            case RopeConfig.Scaling.Yarn scaling -> base + ", yarn by " + scaling.factor() + " from "
                    + (long) scaling.originalContext() + ", vectors " + (float) scaling.attention() + " times as long";
            case RopeConfig.Scaling.Factors scaling -> base + ", " + scaling.divisors().size() + " factors of its own";
        };
    }

    /// What a text of some lengths takes, weights included, on each backend.
    private static void memory(ModelFiles files, PrintWriter out) {
        int whole = files.config().contextLength();
        try (var backend = Backends.cpu(); // a chunk is as long as there are threads for
                var rounding = Backends.cpuInt8(backend.info().threads())) {
            IntStream.iterate(SHORTEST, length -> length < whole && length > 0, length -> 4 * length)
                    .forEach(length -> memory(files, backend, rounding, length, out));
            memory(files, backend, rounding, whole, out);
        }
    }

    /// Weights in BF16 and quantized ones stay so on the cpu, and there the cache may be in 16 bits, or in 8. In bf16 a
    /// device has weights and cache of half the size.
    private static void memory(ModelFiles files, Backend backend, Backend rounding, int length, PrintWriter out) {
        ModelConfig config = files.config();
        Map<DType, Long> types = files.weights().types();
        var here = SessionMemory.of(backend, config, types, length, backend.chunk());
        long cache = config.layers()
                * backend.cacheBytes(ElementType.F32, config.groups(), length, config.headWidth());
        long session = cache + SessionMemory.of(backend, config, types, length, Backend.chunk(ElementType.F32))
                .activations();
        long half = cache / 2 + SessionMemory.of(backend, config, types, length, Backend.chunk(ElementType.BF16))
                .activations();
        long weights = types.entrySet().stream().mapToLong(each -> each.getKey().isQuantized()
                || each.getKey() == DType.BF16 ? each.getValue() / each.getKey().block() * each.getKey().bytes()
                : each.getValue() * Float.BYTES).sum();
        long expanded = ElementType.F32.bytes(files.weights().parameterCount());
        long bytes = SessionMemory.of(rounding, config, types, length, rounding.chunk()).bytes();
        boolean smaller = bytes < here.bytes()
                && files.layerTypes().keySet().stream().anyMatch(QuantizedBlock::isFourBits);
        line(out, "memory", "%,9d tokens: cpu %,.0f MiB (%,.0f of them cache%s and activations%s), device %,.0f MiB"
                .formatted(length, (weights + here.bytes()) / MEBI, here.bytes() / MEBI,
                        KeptCache.name(here.cacheType()) == null ? "" : " in " + KeptCache.name(here.cacheType()),
                        smaller ? "; in int8 %,.0f".formatted(bytes / MEBI) : "", (expanded + session) / MEBI)
                + (config.suitsTensorCores() ? ", in bf16 %,.0f".formatted((expanded / 2 + half) / MEBI) : "")
                + "; of that cache and activations %,.0f".formatted(session / MEBI)
                + (config.suitsTensorCores() ? ", in bf16 %,.0f".formatted(half / MEBI) : ""));
    }

    private String fit(Path folder) {
        try (var backend = Backends.cpu(); var model = LanguageModel.open(path, backend)) {
            var config = AttnGate.open(folder, model).config();
            return "fit, block %d, width %d, %s%s".formatted(config.block(), config.width(), config.type(),
                    config.thresholds() == null ? "" : ", calibrated");
        } catch (MalformedModelException e) {
            return "do not fit: " + e.getMessage();
        }
    }
}
