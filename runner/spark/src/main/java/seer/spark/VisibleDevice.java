package seer.spark;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;

/// Which of a host's GPUs this JVM sees.
///
/// TornadoVM takes the first device that the driver shows. The CUDA driver shows those that the environment names when
/// it starts, which is before anything is computed: so the JVM gives itself the variable that a launcher would have
/// given it. Afterwards it cannot change.
final class VisibleDevice {
    private static final String VARIABLE = "CUDA_VISIBLE_DEVICES";

    private static final VisibleDevice OF_THIS_JVM = new VisibleDevice();

    private String chosen;

    private VisibleDevice() { }

    /// Shows the driver this device alone.
    ///
    /// @param address as a discovery script names it: a number or a UUID; empty leaves what there is
    /// @throws IllegalStateException if this JVM computes on another one
    static void choose(String address) {
        OF_THIS_JVM.take(address);
    }

    private synchronized void take(String address) {
        if (address.isEmpty() || address.equals(chosen)) {
            return;
        }
        if (chosen != null) {
            throw new IllegalStateException("this executor computes on GPU " + chosen + " and was assigned " + address
                    + " too, wanted one device each: set spark.executor.resource.gpu.amount to 1");
        }
        chosen = address;
        set(address);
    }

    @SuppressWarnings("restricted") // a call of the C library
    private static void set(String value) {
        var linker = Linker.nativeLinker();
        var setenv = linker.defaultLookup().find("setenv").map(symbol -> linker.downcallHandle(symbol,
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS,
                        ValueLayout.JAVA_INT))).orElseThrow(() -> new IllegalStateException("this system has no "
                        + "setenv, by which " + VARIABLE + " could be set to " + value));
        try (var arena = Arena.ofConfined()) {
            int code = (int) setenv.invokeExact(arena.allocateFrom(VARIABLE), arena.allocateFrom(value), 1);
            if (code != 0) {
                throw new IllegalStateException(VARIABLE + " cannot be set to " + value);
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(VARIABLE + " cannot be set to " + value, e);
        }
    }
}
