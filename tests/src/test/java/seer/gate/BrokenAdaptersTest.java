package seer.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import seer.model.Backends;
import seer.model.LanguageModel;
import seer.model.PrefillRequest;
import seer.model.attention.ForcedBlocks;
import seer.model.backend.Backend;
import seer.model.backend.NotFiniteException;
import seer.model.load.MalformedModelException;
import seer.model.load.PthWriter;
import seer.model.load.SafetensorsFile;
import seer.support.Answers;
import seer.support.Mutants;
import seer.support.TenThousand;
import seer.support.TinyGate;
import seer.support.TinyModel;

/// Adapters that are not as they were written: each is read, and then reads a prompt, or is refused by one sentence
/// that names the file.
class BrokenAdaptersTest {
    private static final int QUICK = 500;
    private static final Answers ANSWERS = Answers.of(MalformedModelException.class);
    private static final int[] PROMPT = new SplittableRandom(1).ints(70, 1, 4096).toArray();

    @TempDir
    private static Path folder;
    private static Backend backend;
    private static LanguageModel model;

    @BeforeAll
    static void open() throws IOException {
        backend = Backends.cpu(1);
        model = LanguageModel.open(TinyModel.random("llama", 4, 2, 16, true).write(folder.resolve("model")), backend);
    }

    @AfterAll
    static void close() {
        model.close();
        backend.close();
    }

    private static Path adapter(String name) {
        Path adapter;
        try {
            adapter = new TinyGate("Qavg_Kmaxminavg", 16, 12, true, "softmax").write(folder.resolve(name), model);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        AttnGateWriter.calibrate(adapter, new GateThresholds(List.of(0.1, 0.05), true),
                new ObjectMapper().createObjectNode().put("density", 0.1));
        return adapter;
    }

    /// What a command does with an adapter.
    private static void use(Path file) {
        var gate = AttnGate.open(file.getParent(), model);
        var selector = gate.config().thresholds() == null ? gate.density(0.3) : gate.calibrated(ForcedBlocks.DEFAULT);
        try (var session = model.session(PROMPT.length)) {
            assertTrue(session.prefill(PrefillRequest.of(PROMPT, selector)).density() > 0);
        } catch (NotFiniteException e) {
            assertTrue(e.getMessage().contains("look at the weights of the gates"), "weights that only overflow");
        }
    }

    private static Answers.Tally configurations(int count) {
        Path adapter = adapter("config" + count);
        AttnGateWriter.calibrate(adapter, new GateThresholds(List.of(64, 512), List.of(0.1, 0.05, 0.02, 0.01), true),
                new ObjectMapper().createObjectNode().put("density", 0.1));
        Path file = adapter.resolve("config.json");
        String json = new String(bytes(file), StandardCharsets.UTF_8);
        return ANSWERS.tally(Stream.concat(Mutants.ofJson(json, count, count / 2),
                Mutants.ofBytes(bytes(file), count, count / 2)), file, BrokenAdaptersTest::use);
    }

    private static Answers.Tally weights(int count) {
        Path file = adapter("weights" + count).resolve("attn_gate_weights.safetensors");
        byte[] bytes = bytes(file);
        int length = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        String header = new String(bytes, 8, length, StandardCharsets.UTF_8);
        byte[] data = Arrays.copyOfRange(bytes, 8 + length, bytes.length);
        return ANSWERS.tally(Stream.concat(
                Mutants.ofJson(header, count, count / 2).map(mutant -> mutant.within(json -> framed(json, data))),
                Mutants.ofBytes(bytes, count, count / 2)), file, BrokenAdaptersTest::use);
    }

    /// Upstream's form of the same weights.
    private static Answers.Tally pickles(int count) {
        Path safe = adapter("pickle" + count).resolve("attn_gate_weights.safetensors");
        Path file = safe.resolveSibling("attn_gate_weights.pth");
        try (var weights = SafetensorsFile.open(safe)) {
            var writer = new PthWriter();
            weights.names().forEach(name -> writer.add(name, weights.tensor(name)));
            writer.write(file);
        }
        assertTrue(safe.toFile().delete());
        use(file);
        return ANSWERS.tally(Mutants.ofBytes(bytes(file), count, count), file, BrokenAdaptersTest::use);
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /// A safetensors file of a header and data.
    static byte[] framed(byte[] header, byte[] data) {
        return ByteBuffer.allocate(8 + header.length + data.length).order(ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length).put(header).put(data).array();
    }

    @Test
    void configurationsAreReadOrRefused() {
        assertTrue(configurations(QUICK).refused() > QUICK / 4);
    }

    @Test
    void weightsAreReadOrRefused() {
        assertTrue(weights(QUICK).refused() > QUICK / 4);
        assertTrue(pickles(QUICK / 2).refused() > QUICK / 10);
    }

    @Test
    @Tag("brokenFiles")
    void soAreTenThousand() throws IOException {
        TenThousand.ofFormat("adapter's config.json", BrokenAdaptersTest::configurations);
        TenThousand.ofFormat("adapter's safetensors", BrokenAdaptersTest::weights);
        TenThousand.ofFormat("adapter's .pth", BrokenAdaptersTest::pickles);
    }

    @Test
    void soundOnesAreRead() {
        Path adapter = adapter("sound");
        use(adapter.resolve("config.json"));
        assertEquals(List.of(0.1, 0.05), AttnGate.open(adapter, model).config().thresholds().values());
    }
}
