package seer.model.backend.tornado.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import seer.kernels.gate.BlockSelection;
import seer.kernels.attention.BlockSparseAttentionTiled;
import seer.kernels.gate.GateVectors;
import seer.model.backend.BackendUnavailableException;
import seer.model.backend.tornado.sdk.Installation;
import seer.model.backend.tornado.sdk.TornadoDevicesTest;
import seer.support.Conformance;
import seer.support.OnTornadoVm;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.exceptions.TornadoOutOfMemoryException;
import uk.ac.manchester.tornado.api.exceptions.TornadoTaskRuntimeException;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// What a device cannot run ends in one sentence, and nothing runs in its place.
@Conformance
class KernelFailuresTest {

    static void nothing(KernelContext context, FloatArray out) {
        out.set(context.globalIdx, 1);
    }

    private static String failure(Operation operation) {
        var installation = Installation.open();
        var device = new Device(installation, Device.LARGEST_BANK);
        try {
            device.operation("start", () -> operation);
            operation.step(0).items(4);
            var e = assertThrows(BackendUnavailableException.class, () -> device.run(operation));
            assertEquals(1, e.getMessage().lines().count(), e.getMessage());
            return e.getMessage();
        } finally {
            device.close();
        }
    }

    @Test
    void tooMuchLocalMemoryIsFoundBeforeTheLaunch() {
        var out = new FloatArray(128);
        String message = failure(new Operation("greedy").sends(out).local(1 << 30).step((graph, id, step) ->
                graph.task(id, KernelFailuresTest::nothing, new KernelContext(), out)));
        assertTrue(message.contains("'greedy' takes 1,073,741,824 bytes of local memory"), message);
        assertEquals(0, out.get(0));
    }

    /// The limit that TornadoVM keeps to can be raised; what other processes hold cannot.
    @Test
    void aDeviceThatOthersHaveFilledIsToldFromALimit() {
        String others = full("[ERROR] Unable to allocate 10.6 MiB on the CUDA device (cuMemAlloc status=2). The "
                + "allocation exceeds available device memory.");
        assertTrue(others.contains("the device has not the 10.6 MiB left that are asked for; end what else runs there, "
                + "name it fewer times in --devices"), others);
        String limit = full("Unable to allocate 11073040 bytes of memory.\n\tTo increase it, use another limit\n");
        assertTrue(limit.contains("the device has not enough memory: Unable to allocate 11073040 bytes of memory. To ")
                && limit.contains("raise -Dtornado.device.memory"), limit);
    }

    private static String full(String said) {
        var e = assertThrows(BackendUnavailableException.class, () -> Failures.explain(() -> {
            throw new TornadoOutOfMemoryException(said);
        }));
        assertEquals(1, e.getMessage().lines().count(), e.getMessage());
        return e.getMessage();
    }

    @Test
    @OnTornadoVm
    void aKernelThatCannotBeCompiledIsOneSentence() {
        var out = FloatArray.fromElements(3, 3, 3, 3);
        String message = failure(new Operation("bits").sends(out).fetches(out).step((graph, id, step) ->
                graph.task(id, TornadoDevicesTest::bits, new KernelContext(), out)));
        assertTrue(message.contains("a kernel cannot be compiled or started"), message);
        assertEquals(3, out.get(0));
    }

    @Test
    void whateverTornadoVmThrowsIsOneSentence() {
        for (String said : List.of("too many nodes", "\u001B[31mtoo many nodes\u001B[0m")) { // in a terminal's colours
            var e = assertThrows(BackendUnavailableException.class, () -> Failures.explain(() -> {
                throw new TornadoTaskRuntimeException(said);
            }));
            assertTrue(e.getMessage().contains("a kernel cannot be compiled or started: too many nodes;"),
                    e.getMessage());
        }
        var ours = new IllegalStateException("ours");
        assertSame(ours, assertThrows(IllegalStateException.class, () -> Failures.explain(() -> {
            throw ours;
        })));
    }

    /// What the operations announce; kernels that announce nothing stay below what every device has.
    @Test
    void announcedLocalMemoryFitsTheDevicesWeKnow() {
        for (int bytes : new int[] {BlockSelection.LOCAL_BYTES, BlockSparseAttentionTiled.LOCAL_BYTES}) {
            assertTrue(bytes > Operation.ANY && bytes <= 48 * 1024, "bytes: " + bytes);
        }
        assertTrue(GateVectors.LOCAL_BYTES <= Operation.ANY, "bytes: " + GateVectors.LOCAL_BYTES);
    }
}
