package seer.model;

import java.util.List;
import java.util.Optional;
import seer.model.backend.Backend;
import seer.model.backend.BackendUnavailableException;
import seer.model.backend.DeviceInfo;
import seer.model.backend.ElementType;
import seer.model.backend.RungInfo;
import seer.model.backend.cpu.CpuBackend;
import seer.model.backend.tornado.TornadoBackend;
import seer.model.backend.tornado.sdk.ChosenDevice;
import seer.model.backend.tornado.sdk.Installation;
import seer.model.backend.tornado.sdk.TornadoDevices;

/// Opens backends by name: the one place that knows them all.
public final class Backends {
    private Backends() { }

    /// The Vector API on every core: works wherever a JDK 25 is started with `--add-modules jdk.incubator.vector`.
    ///
    /// @throws BackendUnavailableException where it is not
    public static Backend cpu() {
        return cpu(Runtime.getRuntime().availableProcessors());
    }

    /// The Vector API on `threads` threads.
    ///
    /// @throws BackendUnavailableException as for [#cpu()]
    public static Backend cpu(int threads) {
        return cpu(threads, null);
    }

    /// The same with keys and values kept in another type.
    ///
    /// @param cache F32, F16, INT8, or null: F16 where weights are quantized and the cache in F32 would be larger than
    ///              they, else F32
    /// @throws BackendUnavailableException as for [#cpu()]
    public static Backend cpu(int threads, ElementType cache) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads is " + threads + ", wanted at least 1");
        }
        if (cache == ElementType.BF16) {
            throw new IllegalArgumentException("cache is bf16 with backend cpu, wanted f32, f16 or int8");
        }
        return new CpuBackend(threads, cache);
    }

    /// The same with a layer's products of weights of four bits (Q4_0, Q4_1, Q4_K) in whole numbers: what they multiply
    /// is rounded to 8 bits, 32 inputs to a scale. Where [#cpu(int)] would keep keys and values in 16 bits, they have
    /// 8 too. Faster and smaller, and less exact; nothing learns so.
    ///
    /// @throws BackendUnavailableException as for [#cpu()]
    public static Backend cpuInt8(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads is " + threads + ", wanted at least 1");
        }
        return new CpuBackend(threads, null, true);
    }

    /// TornadoVM's default device; the JVM has to be started with TornadoVM's modules.
    ///
    /// @throws BackendUnavailableException where something is in the way; nothing else computes instead
    public static Backend tornado() {
        tornadoObstacle().ifPresent(reason -> {
            throw new BackendUnavailableException("tornado", reason, "see docs/tornadovm.md");
        });
        return new TornadoBackend();
    }

    /// The same, with weights, activations and the cache in another precision.
    ///
    /// @param precision BF16 wants a device with tensor cores and Seer's compiler extension
    /// @throws BackendUnavailableException as for [#tornado()], or where there are none
    public static Backend tornado(ElementType precision) {
        tornadoObstacle().ifPresent(reason -> {
            throw new BackendUnavailableException("tornado", reason, "see docs/tornadovm.md");
        });
        return new TornadoBackend(precision);
    }

    /// The kernels of [#tornado] on the plain JVM, watched: finds faults, and takes its time. The simulator's jar has
    /// to be on the class path.
    ///
    /// @throws BackendUnavailableException where it is not, or where TornadoVM is
    public static Backend simulator() {
        return simulator(ElementType.F32);
    }

    /// The same, with the kernels of a precision.
    ///
    /// @throws BackendUnavailableException as for [#simulator()]
    public static Backend simulator(ElementType precision) {
        if (TornadoDevices.present()) {
            throw new BackendUnavailableException("simulator", "TornadoVM is on the path", "start without it");
        }
        if (!TornadoDevices.simulated()) {
            throw new BackendUnavailableException("simulator", "it is not on the class path", "add simulator.jar");
        }
        return new TornadoBackend(precision);
    }

    /// What keeps `tornado(ElementType.BF16)` from opening, where `tornado()` does; empty when nothing does.
    public static Optional<String> tensorCoreObstacle() {
        return TornadoDevices.obstacle().or(() -> Optional.ofNullable(Installation.open().warps().obstacle()));
    }

    /// What keeps [#tornado] from opening; empty when nothing does.
    public static Optional<String> tornadoObstacle() {
        return TornadoDevices.obstacle();
    }

    /// The version of TornadoVM that Seer works with.
    public static String tornadoVersion() {
        return TornadoDevices.VERSION;
    }

    /// The kernels that [#tornado] chooses from, the fastest first within each operation.
    ///
    /// @param device to say what keeps it from running one, or null
    public static List<RungInfo> tornadoRungs(DeviceInfo device) {
        return TornadoBackend.rungs(device);
    }

    /// Makes this device the one that [#tornado] computes on in this process, before it computes on any.
    ///
    /// @param id as [#tornadoDevices] names it: `driver:device`, or `device` of the first driver
    /// @throws BackendUnavailableException if there is none of this name
    /// @throws IllegalStateException       if this process computes on another one
    public static void takeDevice(String id) {
        ChosenDevice.take(id);
    }

    /// The same for a device that the system assigned to this process.
    ///
    /// @param address its number in the system, or its UUID
    public static void takeDeviceAt(String address) {
        ChosenDevice.takeAddress(address);
    }

    /// The devices that TornadoVM sees, the default first.
    ///
    /// @throws BackendUnavailableException where there is an obstacle
    public static List<DeviceInfo> tornadoDevices() {
        return TornadoDevices.list();
    }
}
