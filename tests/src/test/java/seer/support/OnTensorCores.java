package seer.support;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/// Of a [Conformance] test: its kernels have operations of a warp, so a device has to be one of Hopper, with the
/// compiler extension that teaches TornadoVM these operations. Elsewhere it is skipped, with the reason; the simulator
/// has them all.
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(KernelDevice.TensorCores.class)
public @interface OnTensorCores { }
