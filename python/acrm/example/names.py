"""Names that the example company's people carry."""

from __future__ import annotations


def _listed(text: str) -> list[str]:
    """Return the names of a text, one a comma."""
    return [" ".join(each.split()) for each in text.split(",")]


WOMEN = _listed("""
    Maria, Ana, Inês, Beatriz, Carolina, Leonor, Matilde, Sofia, Joana, Rita, Catarina,
    Marta, Teresa, Helena, Clara, Lúcia, Carmen, Pilar, Elena, Laura, Paula, Isabel,
    Raquel, Nuria, Sara, Diana, Eva, Alice, Camila, Filipa, Vera, Mónica, Cristina,
    Rosa, Julia, Irene, Olga, Susana, Patrícia, Margarida
""")
MEN = _listed("""
    João, José, António, Francisco, Manuel, Pedro, Tiago, Miguel, Rui, Luís, Carlos,
    Paulo, Nuno, Hugo, André, Diogo, Gonçalo, Rafael, Duarte, Vasco, Javier, Pablo,
    Diego, Álvaro, Sergio, Jorge, Daniel, David, Martim, Tomás, Simão, Henrique, Bruno,
    Ricardo, Filipe, Marco, Mário, Raúl, Óscar, Victor
""")
FAMILIES = _listed("""
    Silva, Santos, Ferreira, Pereira, Oliveira, Costa, Rodrigues, Martins, Jesus, Sousa,
    Fernandes, Gonçalves, Gomes, Lopes, Marques, Alves, Almeida, Ribeiro, Pinto,
    Carvalho, Teixeira, Moreira, Correia, Mendes, Nunes, Soares, Vieira, Monteiro,
    Cardoso, Rocha, Raposo, Neves, Coelho, Cruz, Cunha, Pires, Ramos, Reis, Simões,
    Antunes, Matos, Fonseca, Machado, Araújo, Barbosa, Tavares, Lourenço, Castro,
    Figueiredo, Azevedo, García, López, Martínez, Sánchez, Romero, Navarro, Torres,
    Domínguez, Vázquez, Gil, Serrano, Blanco
""")
STREETS = _listed("""
    Rua Augusta, Rua da Prata, Rua do Ouro, Avenida da Liberdade, Rua das Flores,
    Rua de Cedofeita, Largo do Carmo, Rua Direita, Travessa da Fonte, Rua do Sol,
    Avenida de Roma, Rua da Alegria, Calle Mayor, Calle Real, Paseo del Prado,
    Calle del Sol, Rúa Nova, Avenida de Portugal, Rua do Castelo, Rua Nova
""")
FIRMS = _listed("""
    Padaria Central, Hotel Miramar, Clínica São Bento, Café Império, Oficina Norte,
    Escritório Lima, Estúdio Tejo, Farmácia Moderna, Quinta do Vale, Restaurante Farol
""")
_ACCENTS = str.maketrans("áàãâéêíóôõúçñÁÉÍÓÚ", "aaaaeeiooouçnAEIOU".replace("ç", "c"))
SHORT = 4


def plain(names: list[str]) -> list[str]:
    """Return names in small letters without accents, for e-mail addresses."""
    return [name.translate(_ACCENTS).lower() for name in names]


def typing_error(name: str, kind: int) -> str:
    """Return a name as somebody mistyped it: a letter doubled, lost or swapped."""
    if len(name) < SHORT or kind == 0:
        return name[:2] + name[1] + name[2:]
    if kind == 1:
        return name[:-2] + name[-1]
    return name[0] + name[2] + name[1] + name[3:]
