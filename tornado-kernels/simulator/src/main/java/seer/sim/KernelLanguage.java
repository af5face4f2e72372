package seer.sim;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.Instruction;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.TypeKind;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.MonitorInstruction;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.classfile.instruction.ThrowInstruction;
import java.lang.reflect.Method;
import java.util.HashSet;
import java.util.Set;

import seer.sim.KernelFault.Place;

/// Rejects Java that runs here but that TornadoVM 5.2.0 does not compile, or compiles to something
/// else: found by running small kernels on both and comparing.
///
/// | construct                                             | what TornadoVM does              |
/// |-------------------------------------------------------|----------------------------------|
/// | `return` inside a loop of a helper                    | goes on to the end, in silence   |
/// | a local array passed to a helper (see `Probe.passed`) | addresses other memory           |
/// | local array of a size that is no constant or argument | no code                          |
/// | `Math.fma`, `Float.floatToRawIntBits`                 | no code                          |
/// | new objects but `HalfFloat`, exceptions, lambdas      | no code                          |
/// | a kernel named like a function of OpenCL              | the JVM aborts                   |
///
/// A local array may go to a helper that only hands it to operations of a warp ([WarpOperations]).
final class KernelLanguage {

    private static final Set<String> OPENCL_NAMES = Set.of("abs", "acos", "add_sat", "all", "any",
            "asin", "atan", "atan2", "barrier", "cbrt", "ceil", "clamp", "clz", "constant",
            "convert", "copysign", "cos", "cosh", "cross", "degrees", "distance", "dot", "exp",
            "exp10", "exp2", "expm1", "fabs", "fdim", "floor", "fma", "fmax", "fmin", "fmod",
            "fract", "frexp", "global", "half", "hadd", "hypot", "ilogb", "kernel", "ldexp",
            "length", "lgamma", "local", "log", "log10", "log1p", "log2", "logb", "mad", "mad24",
            "main", "max", "min", "mix", "modf", "mul24", "nan", "nextafter", "normalize",
            "popcount", "pow", "pown", "powr", "prefetch", "radians", "remainder", "remquo", "rint",
            "rootn", "rotate", "round", "rsqrt", "select", "shuffle", "sign", "signbit", "sin",
            "sincos", "sinh", "smoothstep", "sqrt", "step", "sub_sat", "tan", "tanh", "trunc",
            "upsample");
    /// Groups of a cluster that every device with clusters can run.
    private static final int MOST_TOGETHER = 8;
    private static final Set<String> NO_CODE = Set.of("java/lang/Math.fma",
            "java/lang/Float.floatToRawIntBits", "java/lang/Float.floatToIntBits",
            "java/lang/Double.doubleToRawLongBits", "java/lang/Double.doubleToLongBits");

    private final String task;
    private final ClassLoader loader;
    private final Set<String> seen = new HashSet<>();
    private final Set<String> operations = new HashSet<>();
    private int together = 1;

    private KernelLanguage(String task, ClassLoader loader) {
        this.task = task;
        this.loader = loader;
    }

    /// What the kernel and its helpers call.
    ///
    /// @param operations of a warp: `Warp.load4`, say
    /// @param together   groups of a cluster
    record Found(Set<String> operations, int together) {
    }

    /// Returns what it finds on the way.
    static Found check(String task, Method kernel) {
        KernelLanguage language = new KernelLanguage(task, kernel.getDeclaringClass().getClassLoader());
        if (OPENCL_NAMES.contains(kernel.getName())) {
            throw language.fault(kernel.getName(), 0, "OpenCL has a function of this name");
        }
        language.visit(kernel.getDeclaringClass().getName().replace('.', '/'), kernel.getName(), true);
        return new Found(Set.copyOf(language.operations), language.together);
    }

    private void visit(String owner, String name, boolean kernel) {
        if (!seen.add(owner + "." + name)) {
            return;
        }
        for (MethodModel method : ClassFile.of().parse(ClassBytes.read(loader, owner)).methods()) {
            if (method.methodName().equalsString(name) && method.code().isPresent()) {
                int slots = method.methodTypeSymbol().parameterList().stream()
                        .mapToInt(type -> TypeKind.from(type).slotSize()).sum();
                visit(method.code().get(), name, kernel, slots);
            }
        }
    }

    private void visit(CodeModel code, String name, boolean kernel, int parameterSlots) {
        int at = 0;
        Instruction before = null;
        for (CodeElement element : code) {
            if (!(element instanceof Instruction instruction)) {
                continue;
            }
            String wrong = switch (instruction) {
                case NewObjectInstruction made ->
                        made.className().asInternalName().endsWith("/HalfFloat") ? null : "a new object";
                case InvokeDynamicInstruction dynamic -> "a lambda or a string";
                case ThrowInstruction thrown -> "an exception";
                case MonitorInstruction monitor -> "a lock";
                case ReturnInstruction end ->
                        !kernel && inLoop(code, at) ? "a return inside a loop of a helper" : null;
                default -> null;
            };
            if (wrong != null) {
                throw fault(name, at, wrong);
            }
            if (instruction instanceof InvokeInstruction call) {
                call(call, before, name, at, parameterSlots);
            }
            before = instruction;
            at += instruction.sizeInBytes();
        }
    }

    private void call(InvokeInstruction call, Instruction before, String name, int at, int slots) {
        String owner = call.owner().asInternalName();
        String target = call.name().stringValue();
        if (NO_CODE.contains(owner + "." + target)) {
            throw fault(name, at, target);
        }
        boolean constant = before instanceof ConstantInstruction
                || before instanceof LoadInstruction load && load.slot() < slots;
        if (target.matches("allocate\\w+LocalArray") && !constant) {
            throw fault(name, at, "a local array whose size is no constant");
        }
        if (WarpOperations.isOne(call)) {
            operations.add(WarpOperations.name(call));
            if (WarpOperations.isCluster(call)) {
                cluster(before, name, at);
            }
            return;
        }
        boolean ours = !owner.startsWith("java/") && !owner.startsWith("uk/ac/manchester/")
                && !owner.startsWith("[");
        if (ours) {
            visit(owner, target, false);
        }
    }

    private void cluster(Instruction before, String name, int at) {
        if (!(before instanceof ConstantInstruction known && known.constantValue() instanceof Integer groups)) {
            throw fault(name, at, "a cluster whose number of groups is no constant");
        }
        if (groups < 1 || groups > MOST_TOGETHER) {
            throw fault(name, at, "a cluster of " + groups + " groups, not 1 to " + MOST_TOGETHER);
        }
        together = groups;
    }

    /// True if a later jump leads back to this place or before it.
    private static boolean inLoop(CodeModel code, int place) {
        int at = 0;
        for (CodeElement element : code) {
            if (element instanceof Instruction instruction) {
                if (at > place && instruction instanceof BranchInstruction jump
                        && position(code, jump.target()) <= place) {
                    return true;
                }
                at += instruction.sizeInBytes();
            }
        }
        return false;
    }

    private static int position(CodeModel code, Label label) {
        return ((CodeAttribute) code).labelToBci(label);
    }

    private KernelFault fault(String method, int at, String what) {
        return new KernelFault(Fault.LANGUAGE, Place.ofBuffer(task + " (" + method + ")", null),
                what + ", at byte " + at + " of the method's code");
    }
}
