package seer.sim;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LabelTarget;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.constant.ClassDesc;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/// The parameters of a kernel in which it sets elements, itself or by a helper, whether or not it comes to that in a
/// launch: what TornadoVM's compiler finds out, too. Operations of a warp that write are not known to it.
final class WrittenParameters {

    /// A parameter that lies on the stack, above `depth` slots.
    private record Loaded(int slot, int depth) {
    }

    private final ClassLoader loader;
    /// Slots of parameters that a method writes, by class, name and signature.
    private final Map<String, BitSet> known = new HashMap<>();

    private WrittenParameters(ClassLoader loader) {
        this.loader = loader;
    }

    /// By number.
    static BitSet of(Method kernel) {
        Class<?> owner = kernel.getDeclaringClass();
        String signature = MethodType.methodType(kernel.getReturnType(), kernel.getParameterTypes())
                .descriptorString();
        BitSet slots = new WrittenParameters(owner.getClassLoader())
                .of(owner.getName().replace('.', '/'), kernel.getName(), signature);
        BitSet numbers = new BitSet();
        int slot = 0;
        for (int i = 0; i < kernel.getParameterCount(); i++) {
            numbers.set(i, slots.get(slot));
            slot += TypeKind.from(kernel.getParameterTypes()[i].describeConstable().orElseThrow()).slotSize();
        }
        return numbers;
    }

    private BitSet of(String owner, String name, String signature) {
        String key = owner + '.' + name + signature;
        if (!known.containsKey(key)) {
            known.put(key, new BitSet()); // for a helper that calls itself, which is refused elsewhere
            for (MethodModel method : ClassFile.of().parse(ClassBytes.read(loader, owner)).methods()) {
                if (method.methodName().equalsString(name) && method.methodType().equalsString(signature)
                        && method.code().isPresent()) {
                    known.put(key, written(method.code().get(), parameterSlots(method)));
                }
            }
        }
        return known.get(key);
    }

    private static int parameterSlots(MethodModel method) {
        int slots = 0;
        for (ClassDesc type : method.methodTypeSymbol().parameterList()) {
            slots += TypeKind.from(type).slotSize();
        }
        return slots;
    }

    private BitSet written(CodeModel code, int parameterSlots) {
        BitSet written = new BitSet();
        StackDepth stack = new StackDepth();
        Deque<Loaded> loaded = new ArrayDeque<>();
        for (CodeElement element : code) {
            if (element instanceof LabelTarget target) {
                stack.at(target.label());
            }
            if (!(element instanceof Instruction instruction)) {
                continue;
            }
            int before = stack.depth();
            stack.after(instruction);
            int left = instruction instanceof InvokeInstruction call
                    ? before - StackDepth.arguments(call) : Math.min(before, stack.depth());
            while (!loaded.isEmpty() && loaded.peek().depth >= left) {
                Loaded argument = loaded.pop();
                if (instruction instanceof InvokeInstruction call && writes(call, argument.depth - left)) {
                    written.set(argument.slot);
                }
            }
            if (instruction instanceof LoadInstruction load && load.typeKind() == TypeKind.REFERENCE
                    && load.slot() < parameterSlots) {
                loaded.push(new Loaded(load.slot(), before));
            }
        }
        return written;
    }

    private boolean writes(InvokeInstruction call, int slot) {
        String owner = call.owner().asInternalName();
        if (Instrumenter.isAccess(call)) {
            return slot == 0 && call.name().equalsString("set");
        }
        boolean ours = call.opcode() == Opcode.INVOKESTATIC && !WarpOperations.isOne(call)
                && !owner.startsWith("java/") && !owner.startsWith("uk/ac/manchester/");
        return ours && of(owner, call.name().stringValue(), call.type().stringValue()).get(slot);
    }
}
