package seer.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import seer.model.Backends;
import seer.model.backend.DeviceInfo;

/// The backends and their devices, or what keeps TornadoVM from having any.
@Command(name = "devices", mixinStandardHelpOptions = true,
        description = "Lists the backends and the devices that TornadoVM sees.")
final class DevicesCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(names = "--json", description = "Print JSON instead of a table.")
    private boolean json;

    @Option(names = "--rungs", description = "Also list the kernels that the backend tornado chooses from, the "
            + "fastest first within each operation.")
    private boolean rungs;

    /// The JSON form.
    ///
    /// @param obstacle    what keeps TornadoVM from computing, or absent
    /// @param tensorCores whether kernels can use the default device's tensor cores, or why not
    /// @param rungs       kernels, if they were asked for
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Report(@JsonProperty("schema") int schema, @JsonProperty("command") String command,
                  @JsonProperty("tornadovm") String tornadovm, @JsonProperty("obstacle") String obstacle,
                  @JsonProperty("tensor_cores") String tensorCores, @JsonProperty("devices") List<Device> devices,
                  @JsonProperty("rungs") List<Kernel> rungs) { }

    /// One of the kernels.
    ///
    /// @param obstacle what keeps the default device from running it, or absent
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Kernel(@JsonProperty("operation") String operation, @JsonProperty("rung") String rung,
                  @JsonProperty("fits") String fits, @JsonProperty("local_bytes") int localBytes,
                  @JsonProperty("obstacle") String obstacle) {
        static List<Kernel> of(DeviceInfo device) {
            return Backends.tornadoRungs(device).stream().map(rung -> new Kernel(rung.operation(), rung.name(),
                    rung.fits(), rung.localBytes(), rung.obstacle())).toList();
        }
    }

    /// One line of the list.
    ///
    /// @param isDefault what `--backend auto` computes on
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Device(@JsonProperty("backend") String backend, @JsonProperty("id") String id,
                  @JsonProperty("driver") String driver, @JsonProperty("device") String device,
                  @JsonProperty("type") String type, @JsonProperty("memory_mib") Double memoryMib,
                  @JsonProperty("default") boolean isDefault) {
        static Device of(DeviceInfo info, boolean takesTornado) {
            return new Device("tornado", info.id(), info.driver(), info.toString(), info.type(),
                    (double) (info.memoryBytes() >> 20), takesTornado && info.isDefault());
        }
    }

    /// Whether kernels can use them, or why not.
    private static String tensorCores() {
        System.setProperty("tornado.recover.bailout", "False"); // nothing is compiled here
        return Backends.tensorCoreObstacle().map(obstacle -> "not used, as " + obstacle)
                .orElse("used, the compiler extension is active");
    }

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        String obstacle = BackendOptions.obstacle();
        var devices = new ArrayList<Device>();
        boolean takesTornado = BackendOptions.autoObstacle() == null;
        List<DeviceInfo> seen = obstacle == null ? Backends.tornadoDevices() : List.of();
        seen.forEach(info -> devices.add(Device.of(info, takesTornado)));
        List<Kernel> kernels = rungs ? Kernel.of(seen.isEmpty() ? null : seen.getFirst()) : null;
        try (var cpu = Backends.cpu()) {
            devices.add(new Device("cpu", null, "Vector API", cpu.info().device(), "CPU", null, !takesTornado));
        }
        devices.add(new Device("simulator", null, "simulator",
                "TornadoVM's kernels on the plain JVM, for finding faults", null, null, false));
        String cores = obstacle == null ? tensorCores() : null;
        if (json) {
            Printer.json(new Report(Result.SCHEMA, "devices", obstacle == null ? Backends.tornadoVersion() : null,
                    obstacle, cores, devices, kernels), out);
            return 0;
        }
        out.println(obstacle == null ? "TornadoVM " + Backends.tornadoVersion() + ":"
                : "No device through TornadoVM: " + obstacle + ".");
        if (cores != null) {
            out.println("Tensor cores (--precision bf16): " + cores + ".");
        }
        out.println();
        out.println(new Table<>(devices).text("backend", Device::backend).text("id", Device::id)
                .text("driver", Device::driver).text("device", Device::device)
                .number("memory MiB", "%,.0f", Device::memoryMib)
                .text("--backend auto", device -> device.isDefault() ? "this one" : ""));
        if (rungs) {
            out.println();
            out.println(new Table<>(kernels).text("operation", Kernel::operation).text("rung", Kernel::rung)
                    .number("local bytes", "%,.0f", kernel -> (double) kernel.localBytes())
                    .text("fits", Kernel::fits)
                    .text("on the default device", kernel -> seen.isEmpty() ? null
                            : kernel.obstacle() == null ? "runs" : kernel.obstacle()));
        }
        return 0;
    }
}
