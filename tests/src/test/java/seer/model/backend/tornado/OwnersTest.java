package seer.model.backend.tornado;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import seer.gate.AttnGate;
import seer.model.LanguageModel;
import seer.model.PrefillRequest;
import seer.model.Session;
import seer.model.backend.ElementType;
import seer.model.backend.tornado.device.Device;
import seer.support.Conformance;
import seer.support.TinyGate;
import seer.support.TinyModel;
import seer.support.WatchedRanges;

/// Models, sessions and gates on one device: each gives its memory back when it closes, whatever the others do.
@Conformance
class OwnersTest {
    private static final List<String> OWNERS = List.of("model", "session", "gate");
    private static final int TOKENS = 40;
    private static final int BLOCK = 16;

    private static final WatchedRanges WATCHED = new WatchedRanges();

    @TempDir
    private Path folder;

    private final int[] prompt = new int[TOKENS];
    private Path modelFolder;
    private Path gateFolder;

    /// One of each, which a test closes.
    private record Three(LanguageModel model, Session session, AttnGate gate) implements AutoCloseable {
        void close(String owner) {
            switch (owner) {
                case "model" -> model.close();
                case "session" -> session.close();
                default -> gate.close();
            }
        }

        float[] read(int[] tokens) {
            return session.prefill(PrefillRequest.of(tokens, gate.density(0.5))).logits();
        }

        @Override
        public void close() {
            OWNERS.forEach(this::close);
        }
    }

    @BeforeAll
    static void watch() {
        WATCHED.open();
    }

    @AfterAll
    static void watchAsBefore() {
        WATCHED.close();
    }

    private void write(TornadoBackend backend, boolean tied) throws IOException {
        modelFolder = TinyModel.random("llama", 4, 2, 16, tied).write(folder.resolve("model"));
        try (var model = LanguageModel.open(modelFolder, backend)) {
            gateFolder = new TinyGate("Qavg_Kmaxminavg", BLOCK, 16, true, "softmax").write(folder.resolve("gate"),
                    model);
        }
        Arrays.setAll(prompt, t -> (t * 37 + 11) % 4096);
    }

    private Three open(TornadoBackend backend) {
        var model = LanguageModel.open(modelFolder, backend);
        return new Three(model, model.session(TOKENS, 2 * BLOCK), AttnGate.open(gateFolder, model));
    }

    private static List<List<String>> orders(List<String> of) {
        if (of.isEmpty()) {
            return List.of(List.of());
        }
        var orders = new ArrayList<List<String>>();
        for (String first : of) {
            var rest = new ArrayList<>(of);
            rest.remove(first);
            for (List<String> behind : orders(rest)) {
                var order = new ArrayList<>(List.of(first));
                order.addAll(behind);
                orders.add(order);
            }
        }
        return orders;
    }

    @Test
    void everyOrderOfClosingGivesAllMemoryBack() throws IOException {
        try (var backend = new TornadoBackend()) {
            write(backend, true);
            float[] wanted;
            try (var first = open(backend)) {
                wanted = first.read(prompt); // scratch room and frequencies are the backend's, and stay
            }
            long before = backend.heldBytes();
            assertEquals(6, orders(OWNERS).size());
            for (List<String> order : orders(OWNERS)) {
                var three = open(backend);
                assertArrayEquals(wanted, three.read(prompt), order.toString());
                assertTrue(backend.heldBytes() > before);
                for (int i = 0; i < order.size(); i++) {
                    long held = backend.heldBytes();
                    three.close(order.get(i));
                    assertTrue(backend.heldBytes() < held, order.get(i) + " kept its memory, in order " + order);
                    var e = assertThrows(IllegalStateException.class, () -> three.read(prompt), order.toString());
                    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
                    assertTrue(e.getMessage().contains("closed"), e.getMessage());
                }
                three.close(); // again: nothing happens
                assertEquals(before, backend.heldBytes(), order.toString());
            }
        }
    }

    @Test
    void aSecondModelFindsItsRoomAndOutlivesTheFirst() throws IOException {
        try (var backend = new TornadoBackend()) {
            write(backend, true);
            var first = open(backend);
            float[] wanted = first.read(prompt);
            try (var second = open(backend)) {
                assertArrayEquals(wanted, second.read(prompt));
                first.close();
                assertArrayEquals(wanted, second.read(prompt));
            }
        }
    }

    /// Two matrices of this model do not fit one bank; nor does all that a prompt wants at once.
    @Test
    void aModelLiesInSeveralBanks() throws IOException {
        try (var whole = new TornadoBackend();
                var parts = new TornadoBackend(ElementType.F32, 1 << 17)) {
            write(whole, false);
            try (var one = open(whole); var several = open(parts)) {
                assertTrue(several.model().parameters() > 1 << 17 && Device.LARGEST_BANK > 1 << 30);
                assertArrayEquals(one.read(prompt), several.read(prompt));
                var scored = PrefillRequest.of(prompt, several.gate().density(0.5)).scored(-1);
                assertArrayEquals(one.session().prefill(PrefillRequest.of(prompt, one.gate().density(0.5)).scored(-1))
                        .scores().negativeLogLikelihood(), several.session().prefill(scored).scores()
                        .negativeLogLikelihood());
            }
        }
    }
}
