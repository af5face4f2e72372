package seer.model.backend.tornado.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import seer.model.backend.ElementType;
import seer.model.backend.tornado.sdk.Installation;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/// What shares an array of the device begins with a cache line, the array's header included: copies of tiles that do
/// not read twice as many.
class CacheLineTest {
    private static final int LINE = 128;

    @Test
    void tensorsBeginWithACacheLine() {
        var device = new Device(Installation.open(), Device.LARGEST_BANK);
        var arena = DeviceArena.of(null, device, ElementType.F32);
        for (int elements : new int[] {1, 31, 32, 100, 4096}) {
            DeviceTensor tensor = arena.tensor(elements);
            assertEquals(0, (TornadoNativeArray.ARRAY_HEADER + 4L * tensor.at(0).first()) % LINE, elements
                    + " elements");
        }
        arena.close();
        device.close();
    }
}
