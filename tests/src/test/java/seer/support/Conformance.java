package seer.support;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/// Kernels against their references, on whatever provides TornadoVM's API: the simulator in an ordinary run, a device
/// with `./setup.sh test --tornadovm`. Such a class names nothing of `seer.sim`, which is not there on a device.
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("tornado")
@ExtendWith(KernelDevice.class)
public @interface Conformance { }
