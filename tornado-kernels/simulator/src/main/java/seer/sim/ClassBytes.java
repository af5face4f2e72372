package seer.sim;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.TypeKind;
import java.lang.classfile.attribute.LocalVariableInfo;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.lang.constant.ClassDesc;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;

import seer.sim.KernelFault.Place;

/// Names that a class file keeps if it was compiled with `-g`: of a kernel's parameters, and of the
/// variables that hold its local arrays, in the order in which they are allocated.
record ClassBytes(List<String> parameters, List<String> localArrays) {

    static ClassBytes of(Method method) {
        ClassModel model = ClassFile.of().parse(read(method.getDeclaringClass()));
        for (MethodModel each : model.methods()) {
            if (each.methodName().equalsString(method.getName())
                    && each.methodTypeSymbol().parameterCount() == method.getParameterCount()) {
                return each.code().map(code -> of(each, code))
                        .orElse(new ClassBytes(List.of(), List.of()));
            }
        }
        return new ClassBytes(List.of(), List.of());
    }

    /// The instructions of the first method with this name.
    static CodeModel code(Class<?> owner, String method) {
        return ClassFile.of().parse(read(owner)).methods().stream()
                .filter(m -> m.methodName().equalsString(method)).findFirst()
                .flatMap(MethodModel::code).orElseThrow(() -> new IllegalArgumentException(
                        owner.getName() + " has no method " + method));
    }

    static byte[] read(Class<?> type) {
        return read(type.getClassLoader(), type.getName().replace('.', '/'));
    }

    /// The class file of the class with this internal name.
    static byte[] read(ClassLoader loader, String name) {
        try (InputStream in = loader.getResourceAsStream(name + ".class")) {
            if (in == null) {
                throw new IllegalStateException("no class file of " + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ClassBytes of(MethodModel method, CodeModel code) {
        if (code.findAttribute(Attributes.localVariableTable()).isEmpty()) {
            throw new KernelFault(Fault.UNSUPPORTED,
                    Place.ofBuffer(method.methodName().stringValue(), null), "the kernel was compiled "
                            + "without -g; TornadoVM needs the table of its local variables");
        }
        List<LocalVariableInfo> variables = code.findAttributes(Attributes.localVariableTable())
                .stream().flatMap(table -> table.localVariables().stream()).toList();
        List<String> parameters = new ArrayList<>();
        int slot = 0;
        for (ClassDesc type : method.methodTypeSymbol().parameterList()) {
            parameters.add(name(variables, slot, 0, "argument " + parameters.size()));
            slot += TypeKind.from(type).slotSize();
        }
        return new ClassBytes(List.copyOf(parameters), locals(code, variables));
    }

    private static List<String> locals(CodeModel code, List<LocalVariableInfo> variables) {
        List<String> names = new ArrayList<>();
        boolean allocated = false;
        int at = 0;
        for (CodeElement element : code) {
            if (element instanceof Instruction instruction) {
                at += instruction.sizeInBytes();
            }
            if (element instanceof InvokeInstruction call) {
                allocated = call.name().stringValue().matches("allocate\\w+LocalArray");
            } else if (allocated && element instanceof StoreInstruction store) {
                names.add(name(variables, store.slot(), at, "local array " + names.size()));
                allocated = false;
            }
        }
        return List.copyOf(names);
    }

    private static String name(List<LocalVariableInfo> variables, int slot, int at, String none) {
        return variables.stream().filter(v -> v.slot() == slot && v.startPc() == at).findFirst()
                .map(v -> v.name().stringValue()).orElse(none);
    }
}
