package seer.run.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Random;
import org.junit.jupiter.api.Test;
import seer.gate.train.PackedTensors;

/// Both ends in one process, which maps the file twice.
class TrayTest {
    private static byte[] bytes(int length) {
        var bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private static PackedTensors tensors(int floats) {
        return new PackedTensors(new int[][] {{floats - 1, 1}}, bytes(4 * floats));
    }

    @Test
    void whatIsLaidDownIsTakenOnceHoweverLongItIs() throws IOException {
        try (var mine = Tray.made(); var others = Tray.taken(mine.file())) {
            for (int length : new int[] {1, 63, 65_537, 5, 1_500_000, 1_499_999}) {
                assertTrue(mine.put(bytes(length)));
                assertFalse(mine.put(bytes(7)), "what was not taken is not written over");
                assertArrayEquals(bytes(length), others.take());
                assertThrows(IOException.class, others::take);
            }
            assertFalse(mine.put(new byte[0]));
        }
    }

    /// The file has no name once both ends are there, and goes if the other never comes.
    @Test
    void noFileIsLeftBehind() throws IOException {
        var alone = Tray.made();
        assertTrue(Files.exists(alone.file()));
        alone.close();
        assertFalse(Files.exists(alone.file()));
        try (var mine = Tray.made(); var others = Tray.taken(mine.file())) {
            assertFalse(Files.exists(mine.file()));
            assertEquals(mine.file(), others.file());
        }
    }

    @Test
    void longTensorsLieInTheTrayAndTheRestGoesThroughThePipe() throws IOException, ClassNotFoundException {
        var pipe = new ByteArrayOutputStream();
        try (var mine = Tray.made(); var others = Tray.taken(mine.file()); var sender = Parcels.sender(pipe, mine)) {
            var orders = new Order.Step[] {new Order.Step(tensors(20_000), new long[] {3, 4}),
                new Order.Step(tensors(30_000), new long[] {5}), new Order.Step(tensors(9), new long[0])};
            int[] most = {1_000, 130_000, 1_000}; // the second finds the tray full, the third is short
            for (int i = 0; i < orders.length; i++) {
                int before = pipe.size();
                sender.writeObject(orders[i]);
                sender.flush();
                assertTrue(pipe.size() - before < most[i], i + ": " + (pipe.size() - before));
            }
            assertTrue(pipe.size() > 120_000);
            var receiver = Parcels.receiver(new ByteArrayInputStream(pipe.toByteArray()), others);
            for (var order : orders) {
                var got = (Order.Step) receiver.readObject();
                assertArrayEquals(order.sequences(), got.sequences());
                assertArrayEquals(order.weights().lengths(), got.weights().lengths());
                assertArrayEquals(order.weights().bytes(), got.weights().bytes());
            }
        }
    }
}
