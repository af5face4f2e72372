package seer.model.backend.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import seer.model.backend.BackendUnavailableException;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// A buffer of the device, before it is made.
class HeapTest {

    @Test
    void whatNoBufferCanHoldIsSaidWithWhatHelps() {
        var heap = new Heap<>("weight buffer", FloatArray::new, new Budget(Long.MAX_VALUE), () -> { },
                "the model is too large for this backend: run on --backend cpu");
        heap.take(1 << 20, null);
        var e = assertThrows(BackendUnavailableException.class, () -> heap.take(Integer.MAX_VALUE - 100, null));
        assertEquals("backend tornado: its weight buffer would have more than 2^31 elements; the model is too large "
                + "for this backend: run on --backend cpu", e.getMessage());
    }
}
