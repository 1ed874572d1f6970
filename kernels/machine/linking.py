"""Machine code is made once: for what Python calls, of all that it calls in turn, in one piece.

Left to itself, numba optimises every kernel and makes machine code of it, and then does both again inside each kernel
that calls it: of 167 kernels, some were compiled eight times. A third of the time went into code that nobody ran.

Here, a kernel that only kernels call is typed and lowered, and no more. Its LLVM module waits until one of its callers,
however far up, is called from Python: then the modules of all that this caller needs are linked, what they define is
made private to it, and the whole is optimised once and becomes machine code once. To train `quick` on an AVX2 machine,
that took LLVM 6 seconds instead of 23.
"""
# mypy: disable-error-code="no-untyped-call, attr-defined"
# numba has no types.

from collections.abc import Iterator
from typing import Any, cast

from llvmlite.binding import Linkage
from numba.core.codegen import JITCodeLibrary
from numba.core.environment import lookup_environment
from numba.core.registry import cpu_target

ENVIRONMENT = "_ZN08NumbaEnv"
"""What the names of the variables begin with in which compiled code looks for its Python objects."""


class Library(JITCodeLibrary):
    """A kernel's LLVM module, and those of the kernels that it calls."""

    _is_built = False

    def finalize(self) -> None:
        """Take in no more: what there is can be linked; machine code is made when somebody asks for it."""
        self._raise_if_finalized()
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        """Return the address of a function, for which machine code is made now; 0 if it is not defined here."""
        self._ensure_finalized()
        if not self._is_built and not self._is_cached():
            if not any(found.name == name and not found.is_declaration for found in self._final_module.functions):
                return 0
            self._build()
        address: int = super().get_pointer_to_function(name)
        return address

    def _is_cached(self) -> bool:
        """Tell whether this came from the cache, as machine code."""
        return bool(self._disable_inspection)

    def _optimize_functions(self, module: Any) -> None:  # noqa: ANN401 -- llvmlite has no types
        """Only say what the module is for: all is optimised together, at the end."""
        module.data_layout = self._codegen._data_layout  # noqa: SLF001 -- as numba does here

    def _build(self) -> None:
        """Link everything, optimise it, and make machine code of it."""
        self._is_built = True
        self._get_module_for_linking()  # is kept from now on: it is this kernel's part alone
        exported = {found.name for found in self._final_module.functions if not found.is_declaration}
        for library in self._callees():
            self._reload_init.update(library._reload_init)  # noqa: SLF001 -- as numba does here
            self._final_module.link_in(library._get_module_for_linking(), preserve=True)  # noqa: SLF001 -- likewise
        for function in self._final_module.functions:
            if not function.is_declaration and function.name not in exported:
                function.linkage = Linkage.internal
        self._optimize_final_module()
        self._final_module.verify()
        self._finalize_final_module()
        self._set_environments()

    def _callees(self) -> list[Any]:
        """Return the libraries of all that is called in turn, each after its callers.

        A definition is linked only if something before it has asked for it.
        """
        order: dict[int, Any] = {}

        def visit(library: Any) -> None:  # noqa: ANN401 -- some of them are numba's own
            for callee in library._linking_libraries:  # noqa: SLF001 -- there is no other way to know them
                if id(callee) not in order:
                    visit(callee)
            order[id(library)] = library

        visit(self)
        return list(order.values())[-2::-1]

    def _environments(self) -> Iterator[tuple[str, Any]]:
        """Yield the variables for Python objects, and what belongs there."""
        for variable in self._final_module.global_variables:
            if variable.name.startswith(ENVIRONMENT):
                found = lookup_environment(variable.name)
                if found is not None:
                    yield variable.name, found

    def _set_environments(self) -> None:
        """Do for all that is linked what numba does when it makes machine code of each."""
        for name, found in self._environments():
            self._codegen.set_env(name, found)


def install() -> None:
    """Have everything that numba compiles from now on compiled this way."""
    codegen = cast("Any", cpu_target.target_context.codegen())
    set_env = codegen.set_env

    def set_env_if_there(name: str, found: Any) -> None:  # noqa: ANN401 -- numba's own
        """Numba sets a kernel's variable as soon as it is lowered; without machine code there is none yet."""
        if codegen._engine.get_global_value_address(name):  # noqa: SLF001 -- llvmlite's engine
            set_env(name, found)

    codegen.set_env, codegen._library_class = set_env_if_there, Library  # noqa: SLF001 -- numba asks it for its class
