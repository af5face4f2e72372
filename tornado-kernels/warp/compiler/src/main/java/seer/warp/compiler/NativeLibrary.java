package seer.warp.compiler;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;

/// A shared library whose functions return a status of 0 on success.
final class NativeLibrary {
    private final String name;
    private final SymbolLookup symbols;

    private NativeLibrary(String name, SymbolLookup symbols) {
        this.name = name;
        this.symbols = symbols;
    }

    /// Opens the first of these that the system's loader finds.
    ///
    /// @throws IllegalStateException if it finds none
    static NativeLibrary open(List<String> names) {
        for (String name : names) {
            try {
                return new NativeLibrary(name, SymbolLookup.libraryLookup(name, Arena.global()));
            } catch (IllegalArgumentException e) {
                continue;
            }
        }
        throw new IllegalStateException("none of the libraries " + String.join(", ", names) + " can be loaded");
    }

    /// A function of this name that returns an int.
    Function function(String function, MemoryLayout... arguments) {
        var address = symbols.find(function).orElseThrow(
                () -> new IllegalStateException(name + " has no function " + function));
        return new Function(function, Linker.nativeLinker().downcallHandle(address,
                FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments)));
    }

    /// A function that reports a status.
    record Function(String name, MethodHandle handle) {
        int status(Object... arguments) {
            try {
                return (int) handle.invokeWithArguments(arguments);
            } catch (Throwable e) {
                throw new IllegalStateException("the call of " + name + " failed", e);
            }
        }

        void call(Object... arguments) {
            int status = status(arguments);
            if (status != 0) {
                throw new IllegalStateException(name + " failed with status " + status);
            }
        }
    }
}
