package seer.support;

import java.util.Optional;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import seer.model.Backends;
import seer.warp.Extension;

/// Says once per run what the kernels run on.
final class KernelDevice implements BeforeAllCallback {

    @Override
    public void beforeAll(ExtensionContext context) {
        context.getRoot().getStore(ExtensionContext.Namespace.create(KernelDevice.class))
                .getOrComputeIfAbsent("device", key -> {
                    String device = name();
                    System.out.println("Kernels run on " + device + ".");
                    return device;
                });
    }

    private static String name() {
        var device = Backends.tornadoDevices().getFirst();
        return device.name().equals("simulator") || device.platform().equals("simulator")
                ? "the simulator; ./setup.sh test --tornadovm runs them on a device"
                : "TornadoVM " + Backends.tornadoVersion() + ", " + device.driver() + ", " + device.name();
    }

    /// Lets only runs with TornadoVM itself through. A run that was started for a device fails where there is none: it
    /// would be green without having tried anything.
    static final class Real implements ExecutionCondition {

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            return verdict(Backends.tornadoObstacle(), "required".equals(System.getProperty("seer.tests.device")));
        }

        static ConditionEvaluationResult verdict(Optional<String> obstacle, boolean required) {
            if (required && obstacle.isPresent()) {
                throw new IllegalStateException("these tests were started for a device: " + obstacle.get());
            }
            return obstacle.map(reason -> ConditionEvaluationResult.disabled(reason
                            + "; ./setup.sh test --tornadovm runs the tests tagged tornado on a device"))
                    .orElseGet(() -> ConditionEvaluationResult.enabled("TornadoVM sees a device"));
        }
    }

    /// Lets the simulator through, and devices that know the operations of a warp.
    static final class TensorCores implements ExecutionCondition {
        private static final int HOPPER = 90;

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            if (Backends.tornadoObstacle().isPresent()) {
                return ConditionEvaluationResult.enabled("the simulator has the operations of a warp");
            }
            var extension = Extension.find();
            if (extension.isEmpty()) {
                return ConditionEvaluationResult.disabled("the extension for operations of a warp is not on the "
                        + "class path");
            }
            return extension.get().install(line -> { }).map(obstacle -> ConditionEvaluationResult.disabled(
                            "the compiler extension for operations of a warp is not active: " + obstacle))
                    .orElseGet(() -> extension.get().capability() < HOPPER
                            ? ConditionEvaluationResult.disabled("the device's compute capability is below 9.0")
                            : ConditionEvaluationResult.enabled("the device knows the operations of a warp"));
        }
    }
}
