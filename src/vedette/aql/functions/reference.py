"""Functions that ask the deployment's reference data and assets; bound in ``binding.reference``."""

from vedette.plan.library import Library, function

PAGE = "aql-data-retrieval-functions"

REFERENCES = Library(
    (
        function("REFERENCESETCONTAINS(set: string, value: any, domain: any?) -> bool", "", page=PAGE),
        function("REFERENCEMAP(map: string, key: any, domain: any?) -> string", "", page=PAGE),
        function("REFERENCEMAPSETCONTAINS(map: string, key: any, value: any) -> bool", "", page=PAGE),
        function("REFERENCETABLE(table: string, column: string, key: any) -> string", "", page=PAGE),
        function("ASSETHOSTNAME(address: string, moment: any?) -> string", "", page=PAGE),
        function("ASSETUSER(address: string, moment: any?) -> string", "", page=PAGE),
        function("ASSETPROPERTY(property: string, address: string, moment: any?) -> string", "", page=PAGE),
    ),
    str.lower,
)  # fmt: skip
