// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Black letters on a white page, for readers of text.

#ifndef OPTRUN_INTEGRATION_RECIPES_DRAWNTEXT_H
#define OPTRUN_INTEGRATION_RECIPES_DRAWNTEXT_H

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace optrun::test {

/// A page of grey values, from -1 (black) to 1.
class DrawnText {
public:
  DrawnText(size_t height, size_t width)
      : height(height), width(width), pixels(height * width, 1.F) {}

  /// Draws with squares of \p size pixels; letters are seven squares high.
  void write(const std::string &text, size_t top, size_t left, size_t size) {
    for (const char letter : text) {
      for (size_t y = 0; y != 7 * size; ++y)
        for (size_t x = 0; x != 5 * size; ++x)
          if (isBlack(letter, y / size, x / size))
            pixels.at((top + y) * width + left + x) = -1;
      left += 6 * size;
    }
  }

  /// The page as each of three colours.
  std::vector<float> colours() const {
    std::vector<float> all;
    for (int colour = 0; colour != 3; ++colour)
      all.insert(all.end(), pixels.begin(), pixels.end());
    return all;
  }

  /// Upside down.
  DrawnText turned() const {
    DrawnText page(height, width);
    page.pixels.assign(pixels.rbegin(), pixels.rend());
    return page;
  }

  const size_t height, width;

private:
  static bool isBlack(char letter, size_t row, size_t column) {
    static const std::map<char, std::vector<std::string>> letters = {
        {'H', {"#   #", "#   #", "#   #", "#####", "#   #", "#   #", "#   #"}},
        {'E', {"#####", "#    ", "#    ", "#### ", "#    ", "#    ", "#####"}},
        {'L', {"#    ", "#    ", "#    ", "#    ", "#    ", "#    ", "#####"}},
        {'T', {"#####", "  #  ", "  #  ", "  #  ", "  #  ", "  #  ", "  #  "}},
        {'4', {"   # ", "  ## ", " # # ", "#  # ", "#####", "   # ", "   # "}},
        {'2', {" ### ", "#   #", "    #", "   # ", "  #  ", " #   ", "#####"}}};
    return letter != ' ' && letters.at(letter)[row][column] == '#';
  }

  std::vector<float> pixels;
};

} // namespace optrun::test

#endif // OPTRUN_INTEGRATION_RECIPES_DRAWNTEXT_H
