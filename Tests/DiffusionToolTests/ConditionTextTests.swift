import ArgumentParser
import DiffusionDSL
import Testing

@testable import DiffusionTool

@Suite struct ConditionTextTests {
  static let conditions: [(String, ConditionText.Content)] = [
    ("species == Adelie", .comparison("species", .equal, "Adelie")),
    ("species==Adelie", .comparison("species", .equal, "Adelie")),
    ("bill_length_mm > 40", .comparison("bill_length_mm", .greater, "40")),
    ("40<bill", .comparison("40", .less, "bill")),
    ("sex != male", .comparison("sex", .unequal, "male")),
    ("x <= -1.5e3", .comparison("x", .lessOrEqual, "-1.5e3")),
    ("bill  length >= 3", .comparison("bill length", .greaterOrEqual, "3")),
    ("'bill > length' > 3", .comparison("bill > length", .greater, "3")),
    ("species == \"it's, so\"", .comparison("species", .equal, "it's, so")),
    ("species == ''", .comparison("species", .equal, "")),
    ("35 <= bill <= 45", .between(lower: "35", .lessOrEqual, field: "bill", .lessOrEqual, upper: "45")),
    ("35 < bill <= 45", .between(lower: "35", .less, field: "bill", .lessOrEqual, upper: "45")),
    ("45 >= bill > 35", .between(lower: "35", .less, field: "bill", .lessOrEqual, upper: "45")),
    ("bill in 35...45", .range("bill", lower: "35", upper: "45")),
    ("bill in -3.5 ... -1", .range("bill", lower: "-3.5", upper: "-1")),
    ("island in Biscoe,Dream", .oneOf("island", ["Biscoe", "Dream"])),
    ("island in Biscoe , 'New, Dream'", .oneOf("island", ["Biscoe", "New, Dream"])),
    ("island in Biscoe", .oneOf("island", ["Biscoe"])),
  ]

  @Test(arguments: conditions) func reads(_ text: String, _ content: ConditionText.Content) throws {
    #expect(try ConditionText(text).content == content)
  }

  @Test(arguments: [
    "", "species", "species ==", "== Adelie", "species = Adelie", "a < b > c", "a == b == c", "island in",
    "island in a,", "island in ,a", "island in a,,b", "bill in 3...", "species == 'Adelie", "a > 3 && b > 4",
    "a > 3 || b > 4", "a > 3, 4", "a >> 3",
  ]) func refuses(_ text: String) {
    let error = #expect(throws: ValidationError.self, "\(text)") { try ConditionText(text) }
    #expect(error?.message.contains("\n") == false)
  }

  @Test func assignments() throws {
    #expect(try Assignment("x0=0.3") == Assignment("x0 = 0.3"))
    #expect(try Assignment("species = 'Chin, strap'").value == "Chin, strap")
    #expect(try Assignment("'a=b'=c").field == "a=b" && Assignment("a=b=c").value == "b=c")
    #expect(try Nearness("x1=0.5,0.1") == Nearness("x1 = 0.5 , 0.1"))
    for text in ["x", "=1", "x="] { #expect(throws: ValidationError.self) { try Assignment(text) } }
    for text in ["x=1", "x=a,1", "x=1,2,3", "x=1,-1", "x=1,nan", "x=inf,1"] {
      #expect(throws: ValidationError.self) { try Nearness(text) }
    }
  }

  @Test func labelsThatAreNumbers() throws {
    let year = try FieldValues("year", Schema([Column("year", .category(["2007", "2008.5"]))]))
    #expect(try year.cell("2007.0") == "2007" && year.cell("2008.50") == "2008.5")
    #expect(try year.weights(["2007"], otherwise: true) == ["2007": 0, "2008.5": 1])
  }
}
