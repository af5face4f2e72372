package seer.model.backend.tornado.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import seer.model.backend.Arena;
import seer.model.backend.ElementType;
import seer.model.backend.tornado.sdk.Installation;
import seer.model.backend.tornado.sdk.TornadoDevices;
import seer.support.Conformance;

/// A session reads prompt after prompt, and each reserves room for what its gates keep: a device that serves for days
/// has to find the room of the last one again.
@Conformance
class ReservedRoomTest {
    private static final String PROPERTY = "tornado.device.memory";
    /// Floats, more than the smallest bank has.
    private static final int MANY = TornadoDevices.present() ? 1 << 21 : 1 << 17;

    /// A prompt with two tensors of so many floats in all.
    private static void read(Arena session, int floats) {
        try (var prompt = session.within("its prompt")) {
            prompt.reserve(floats);
            prompt.room(floats / 2);
            prompt.room(floats - floats / 2);
        }
    }

    @Test
    void theNextPromptFindsTheRoomOfTheLastHoweverManyFloatsItReserves() {
        var device = new Device(Installation.open(), Device.LARGEST_BANK);
        try (var backend = DeviceArena.of(null, device, ElementType.F32)) {
            for (int floats = MANY; floats < MANY + 2 * Regions.ALIGN; floats++) {
                try (var session = backend.apart("its session", 0)) {
                    read(session, floats);
                    long once = session.bytes();
                    read(session, floats);
                    read(session, floats);
                    assertEquals(once, session.bytes(), floats + " floats");
                }
            }
        } finally {
            device.close();
        }
    }

    @Test
    void promptsThatGrowLeaveNothingBehind() {
        var device = new Device(Installation.open(), Device.LARGEST_BANK);
        try (var backend = DeviceArena.of(null, device, ElementType.F32);
                var session = backend.apart("its session", 0)) {
            int longest = MANY;
            for (int turn = 0; turn < 20; turn++, longest += MANY / 16) {
                read(session, longest);
            }
            assertTrue(session.bytes() < 5L * longest, session.bytes() + " bytes for " + longest + " floats");
        } finally {
            device.close();
        }
    }

    @Test
    void whatDoesNotFitInOnePieceIsNotReserved() {
        String before = System.setProperty(PROPERTY, "32MB");
        var device = new Device(Installation.open(), Device.LARGEST_BANK);
        try (var backend = DeviceArena.of(null, device, ElementType.F32);
                var session = backend.apart("its session", 0)) {
            session.room(3);
            long once = session.bytes();
            session.reserve(1 << 23); // 32 MiB, beside the first bank
            assertEquals(once, session.bytes());
            read(session, 1 << 20);
            assertTrue(session.bytes() > once);
        } finally {
            device.close();
            if (before == null) {
                System.clearProperty(PROPERTY);
            } else {
                System.setProperty(PROPERTY, before);
            }
        }
    }
}
