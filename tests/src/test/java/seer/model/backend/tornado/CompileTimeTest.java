package seer.model.backend.tornado;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import seer.support.Conformance;

/// What is said of the time that kernels take to compile.
@Conformance
class CompileTimeTest {

    @Test
    void onlyTheFirstRunOfAGraphCompiles() {
        try (var backend = new TornadoBackend()) {
            assertEquals(0, backend.compileNanos(), "nothing ran yet");
            float[] values = {1, 2, 3};
            var tensor = backend.arena("the test", 0).upload(values, 3);
            assertArrayEquals(values, tensor.download());
            long first = backend.compileNanos();
            assertArrayEquals(values, tensor.download());
            assertEquals(first, backend.compileNanos());
            assertEquals(backend.info().backend().equals("simulator"), first == 0, "the simulator compiles nothing");
        }
    }
}
