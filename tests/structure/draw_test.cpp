// SPDX-License-Identifier: MIT
#include <papillon/structure/draw.hpp>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include <papillon/structure/dyadic_butterfly.hpp>
#include <papillon/structure/monarch.hpp>
#include <papillon/structure/smallest_monotone.hpp>

namespace papillon {
namespace {

std::size_t occurrences(std::string const& text, std::string const& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST_CASE("a chain is drawn factor by factor, then its product", "[structure]") {
  CHECK(draw_text(dyadic_butterfly<2>{}) ==
        "(1, 2, 2, 2): 4 x 4, 8 nonzeros\n"
        "#.#.\n"
        ".#.#\n"
        "#.#.\n"
        ".#.#\n"
        "\n"
        "(2, 2, 2, 1): 4 x 4, 8 nonzeros\n"
        "##..\n"
        "##..\n"
        "..##\n"
        "..##\n"
        "\n"
        "product, 16 coefficients: 4 x 4, 16 nonzeros\n"
        "####\n"
        "####\n"
        "####\n"
        "####\n"
        "\n");
}

TEST_CASE("a mask is drawn where it keeps", "[structure]") {
  std::vector<std::uint8_t> const keep{0, 1, 0, 1, 1, 0};
  CHECK(draw_text(csr_mask(2, 3, keep)) == "2 x 3, 3 nonzeros\n.#.\n##.\n\n");
  CHECK(draw_text(dense(1, 1)) == "1 x 1, 1 nonzeros\n#\n\n");
  CHECK(draw_text(pattern{1, 1, 2, 1}) == "1 x 2, 2 nonzeros\n##\n\n");
}

TEST_CASE("a picture smaller than the matrix has full, partly filled and empty cells", "[structure]") {
  // 6 x 6 in cells of 2 x 2, the last cell of a 5 x 5 of what is left.
  CHECK(draw_text(pattern{3, 2, 2, 1}, {.cells = 3}) == "6 x 6, 12 nonzeros (a cell is 2 x 2)\n#..\n.#.\n..#\n\n");
  CHECK(draw_text(pattern{5, 1, 1, 1}, {.cells = 3}) == "5 x 5, 5 nonzeros (a cell is 2 x 2)\n+..\n.+.\n..#\n\n");
  CHECK(draw_text(dense(5, 7), {.cells = 1}) == "5 x 7, 35 nonzeros (a cell is 7 x 7)\n#\n\n");
}

TEST_CASE("every line of a large chain fits the cells asked for", "[structure]") {
  auto const text = draw_text(make_smallest_monotone(64, 576, 2), {.cells = 48});
  std::size_t begin = 0, drawn = 0;
  for (auto end = text.find('\n'); end != std::string::npos; begin = end + 1, end = text.find('\n', begin)) {
    auto const line = text.substr(begin, end - begin);
    if (line.find_first_not_of("#+.") != std::string::npos) continue;
    CHECK(line.size() <= 48);
    drawn += !line.empty();
  }
  CHECK(drawn == 3 * 6);  // 64 rows in cells of 12 entries, three matrices
}

TEST_CASE("an SVG has a frame and a title a matrix, and closes", "[structure]") {
  auto const svg = draw_svg(make_monarch(21, 16, 3, 4));
  CHECK(svg.rfind("<svg xmlns=\"http://www.w3.org/2000/svg\"", 0) == 0);
  CHECK(svg.substr(svg.size() - 7) == "</svg>\n");
  CHECK(occurrences(svg, "stroke=") == 3);
  CHECK(occurrences(svg, "<path") == 3);
  CHECK(occurrences(svg, "(1, 3, 4, 7)") == 1);
  CHECK(occurrences(svg, "21 x 16, 336 nonzeros") == 1);
  CHECK(occurrences(draw_svg(make_monarch(21, 16, 3, 4), {.product = false}), "stroke=") == 2);
}

TEST_CASE("an SVG joins neighbouring cells of a row", "[structure]") {
  auto const svg = draw_svg(pattern{2, 1, 3, 1}, {.side = 60});
  CHECK(occurrences(svg, "viewBox=\"0 0 6 2\"") == 1);
  CHECK(occurrences(svg, "d=\"M0 0H3v1H0zM3 1H6v1H3z\"") == 1);
  CHECK(occurrences(svg, "x=\"12.0\" y=\"12.0\" width=\"60.0\" height=\"20.0\"") == 2);  // the cells and their frame
}

TEST_CASE("an SVG tells partly filled cells from full ones", "[structure]") {
  auto const svg = draw_svg(pattern{5, 1, 1, 1}, {.cells = 3});
  CHECK(occurrences(svg, "d=\"M0 0H1v1H0zM1 1H2v1H1z\"") == 1);
  CHECK(occurrences(svg, "d=\"M2 2H3v1H2z\"") == 1);
}

TEST_CASE("a picture without room is an error", "[structure]") {
  CHECK_THROWS_AS(draw_text(dense(2, 2), {.cells = -1}), error);
  CHECK_THROWS_AS(draw_svg(dense(2, 2), {.side = 0}), error);
}

TEST_CASE("a large chain is drawn without its product only", "[structure]") {
  CHECK_THROWS_AS(draw_text(make_dyadic_butterfly(13)), error);
  CHECK(occurrences(draw_text(make_dyadic_butterfly(13), {.cells = 8, .product = false}), "8192 x 8192") == 13);
  CHECK_THROWS_AS(draw_text(dense(4097, 4096)), error);
}

}  // namespace
}  // namespace papillon
