package seer.model.backend.tornado.sdk;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.regex.Pattern;
import seer.model.backend.BackendUnavailableException;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;
import uk.ac.manchester.tornado.api.runtime.TornadoRuntimeProvider;

/// Which of a host's devices this process computes on: one, from its first use on.
///
/// TornadoVM's CUDA backend makes a single context, on the first device that the driver shows, and computes there
/// whatever device a graph names. The driver shows those that the environment names when it starts, which is before
/// anything is computed: so the process gives itself the variable that a launcher would have given it. Other backends
/// have a context for each device, or one for all: there TornadoVM's default device is exchanged.
public final class ChosenDevice {
    private static final String VARIABLE = "CUDA_VISIBLE_DEVICES";
    private static final Pattern ID = Pattern.compile("(?:(\\d{1,4}):)?(\\d{1,4})");

    private static final ChosenDevice OF_THIS_PROCESS = new ChosenDevice();

    private String chosen;

    private ChosenDevice() { }

    /// Takes a device by the name that it has in the list of all: `driver:device`, or `device` of the first driver.
    ///
    /// @throws BackendUnavailableException if there is none of this name
    /// @throws IllegalStateException       if this process computes on another one
    public static void take(String id) {
        var name = ID.matcher(id);
        if (!name.matches()) {
            throw new IllegalArgumentException("device \"" + id + "\", wanted a name such as 1 or 0:1");
        }
        int driver = name.group(1) == null ? 0 : Integer.parseInt(name.group(1));
        int device = Integer.parseInt(name.group(2));
        OF_THIS_PROCESS.take(driver + ":" + device, driver, device, shown(device));
    }

    /// Takes a device of the first driver by the name that the system has for it.
    ///
    /// @param address a number or a UUID
    public static void takeAddress(String address) {
        int device = ID.matcher(address).matches() && address.indexOf(':') < 0 ? Integer.parseInt(address) : 0;
        OF_THIS_PROCESS.take(address, 0, device, Optional.of(address));
    }

    /// What the environment calls the device that the driver shows in this place; empty if it shows fewer.
    private static Optional<String> shown(int device) {
        String some = System.getenv(VARIABLE);
        if (some == null || some.isBlank()) {
            return Optional.of(Integer.toString(device));
        }
        String[] names = some.split(",");
        return device < names.length ? Optional.of(names[device].strip()) : Optional.empty();
    }

    private synchronized void take(String id, int driver, int device, Optional<String> address) {
        if (id.equals(chosen)) {
            return;
        }
        if (chosen != null) {
            throw new IllegalStateException("this process computes on device " + chosen + " and was to compute on "
                    + id + " too, wanted one device for each process");
        }
        boolean cuda = driver == TornadoDevices.placeOfCuda();
        if (cuda) {
            set(address.orElseThrow(() -> none(id, VARIABLE + " is " + System.getenv(VARIABLE))));
        }
        TornadoDevices.obstacle().ifPresent(reason -> {
            throw none(id, reason);
        });
        exchange(id, driver, cuda ? 0 : device, cuda);
        chosen = id;
    }

    private static void exchange(String id, int driver, int device, boolean cuda) {
        var runtime = TornadoRuntimeProvider.getTornadoRuntime();
        if (driver >= runtime.getNumBackends() || device >= runtime.getBackend(driver).getNumDevices()) {
            throw none(id, "TornadoVM has " + String.join(", ", TornadoDevices.list().stream()
                    .map(each -> each.id() + " (" + each + ")").toList()));
        }
        if (cuda != (runtime.getBackendType(driver) == TornadoVMBackendType.CUDA)
                || cuda && runtime.getBackend(driver).getNumDevices() > 1) {
            throw new IllegalStateException("device " + id + " was asked for after TornadoVM had started");
        }
        if (driver > 0) {
            runtime.setDefaultBackend(driver);
        }
        if (device > 0) {
            runtime.getBackend(0).setDefaultDevice(device);
        }
    }

    private static BackendUnavailableException none(String id, String reason) {
        return new BackendUnavailableException(Installation.NAME, "there is no device " + id + ": " + reason,
                "see bin/seer devices");
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
