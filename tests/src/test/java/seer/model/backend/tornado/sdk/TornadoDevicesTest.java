package seer.model.backend.tornado.sdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import seer.support.OnTornadoVm;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/// TornadoVM itself, as far as the launcher and the messages rely on it.
@OnTornadoVm
public class TornadoDevicesTest {

    /// Cannot be compiled for a device, as there is no code for the method; as plain Java it would run.
    public static void bits(KernelContext context, FloatArray out) {
        out.set(context.globalIdx, Float.floatToRawIntBits(out.get(context.globalIdx)));
    }

    @Test
    void theVersionIsTheOneWanted() {
        assertEquals(TornadoDevices.VERSION, TornadoDevices.version());
        assertFalse(TornadoDevices.simulated());
    }

    @Test
    void theDefaultDeviceComesFirstAndHasMemory() {
        var devices = TornadoDevices.list();
        assertTrue(devices.getFirst().isDefault());
        assertEquals(1, devices.stream().filter(device -> device.isDefault()).count());
        for (var device : devices) {
            assertTrue(device.memoryBytes() > 0 && device.localBytes() > 0, device.toString());
            assertFalse(device.name().isBlank() || device.driver().isBlank(), device.toString());
        }
    }

    @Test
    void whatDoesNotCompileFailsInsteadOfRunningAsPlainJava() {
        var out = FloatArray.fromElements(3, 3, 3, 3);
        var grid = new WorkerGrid1D(4);
        grid.setLocalWork(4, 1, 1);
        var graph = new TaskGraph("bits").transferToDevice(DataTransferMode.EVERY_EXECUTION, out)
                .task("kernel", TornadoDevicesTest::bits, new KernelContext(), out)
                .transferToHost(DataTransferMode.EVERY_EXECUTION, out);
        var plan = new TornadoExecutionPlan(graph.snapshot());
        assertThrows(Throwable.class,
                () -> plan.withGridScheduler(new GridScheduler("bits.kernel", grid)).execute());
    }
}
